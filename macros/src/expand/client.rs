//! The client: calls the server, and implements the trait.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Type, parse_quote, visit_mut::VisitMut};

use crate::model::{Form, Input, Method, Service};

/// `pub struct OrderManagementClient<T = Channel> { … }`
pub(crate) struct Client<'a>(pub(crate) &'a Service);

impl ToTokens for Client<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.without_contract().to_tokens(tokens);
        self.contract().to_tokens(tokens);
    }
}

impl Client<'_> {
    /// The client, which does not implement the trait yet.
    pub(crate) fn without_contract(&self) -> TokenStream {
        let structure = self.structure();
        let connect = self.connect();
        let in_process = self.0.has_server.then(|| self.in_process());
        let constructors = self.constructors();
        let options = self.options();
        let clone_and_debug = self.clone_and_debug();
        quote!(#structure #connect #in_process #constructors #options #clone_and_debug)
    }

    fn structure(&self) -> TokenStream {
        let Service { visibility, ident, .. } = self.0;
        let (rt, client) = (self.0.rt(), self.0.client());
        let about = format!(" Calls an [`{ident}`] elsewhere, and is one. Cheap to clone.");
        quote! {
            #[doc = #about]
            #visibility struct #client<__T = #rt::client::Channel> {
                caller: #rt::client::Caller<__T>,
            }
        }
    }

    fn connect(&self) -> TokenStream {
        let (rt, client) = (self.0.rt(), self.0.client());
        quote! {
            impl #client {
                /// Connects to a server, such as `http://127.0.0.1:50051`.
                ///
                /// # Errors
                ///
                /// When the address is not a URI, or nobody answers there.
                pub async fn connect<__D>(
                    __server: __D,
                ) -> ::core::result::Result<Self, #rt::client::TransportError>
                where
                    __D: ::core::convert::TryInto<#rt::client::Endpoint>,
                    __D::Error: ::core::convert::Into<#rt::BoxError>,
                {
                    ::core::result::Result::Ok(Self::new(#rt::client::connect(__server).await?))
                }
            }
        }
    }

    fn in_process(&self) -> TokenStream {
        let bound = self.0.bound();
        let (client, server) = (self.0.client(), self.0.server());
        quote! {
            impl<__S: #bound> #client<#server<__S>> {
                /// Calls a service in this process: through the codec, without a socket.
                pub fn in_process(__service: __S) -> Self {
                    Self::new(#server::new(__service))
                }
            }
        }
    }

    fn constructors(&self) -> TokenStream {
        let (rt, client) = (self.0.rt(), self.0.client());
        quote! {
            impl<__T> #client<__T> {
                /// Calls over a transport: a `Channel`, an intercepted one, a server.
                pub fn new(__transport: __T) -> Self {
                    Self { caller: #rt::client::Caller::new(__transport) }
                }

                /// Calls over a transport, with the scheme and the authority of an origin.
                pub fn with_origin(__transport: __T, __origin: #rt::client::Uri) -> Self {
                    Self { caller: #rt::client::Caller::with_origin(__transport, __origin) }
                }
            }

            impl<__T, __I> #client<#rt::client::InterceptedService<__T, __I>>
            where
                __I: #rt::client::Interceptor,
            {
                /// Calls over a transport; the interceptor sees every request first.
                pub fn with_interceptor(__transport: __T, __interceptor: __I) -> Self {
                    Self::new(#rt::client::InterceptedService::new(__transport, __interceptor))
                }
            }
        }
    }

    fn options(&self) -> TokenStream {
        let (rt, client) = (self.0.rt(), self.0.client());
        quote! {
            impl<__T: ::core::clone::Clone> #client<__T> {
                /// This client with a deadline for each of its calls: from the call to the end of
                /// its answer, the whole of a stream included.
                #[must_use]
                pub fn with_timeout(&self, __timeout: #rt::client::Duration) -> Self {
                    Self { caller: self.caller.clone().with_timeout(__timeout) }
                }

                /// This client with the deadline of the handler that it calls in, where that is
                /// the earlier one.
                #[must_use]
                pub fn inherit_deadline(&self) -> Self {
                    Self { caller: self.caller.clone().inherit_deadline() }
                }

                /// This client with a key and its value in the metadata of each of its calls. Where
                /// one of them is not valid, each call says so with INVALID_ARGUMENT.
                #[must_use]
                pub fn with_metadata(&self, __key: &str, __value: &str) -> Self {
                    Self { caller: self.caller.clone().with_metadata(__key, __value) }
                }
            }

            impl<__T> #client<__T> {
                /// Compresses requests in this way.
                #[must_use]
                pub fn send_compressed(self, __encoding: #rt::CompressionEncoding) -> Self {
                    Self { caller: self.caller.send_compressed(__encoding) }
                }

                /// Tells the server that answers may be compressed in this way.
                #[must_use]
                pub fn accept_compressed(self, __encoding: #rt::CompressionEncoding) -> Self {
                    Self { caller: self.caller.accept_compressed(__encoding) }
                }

                /// The largest message to accept, in bytes; 4 MiB unless set.
                #[must_use]
                pub fn max_decoding_message_size(self, __limit: usize) -> Self {
                    Self { caller: self.caller.max_decoding_message_size(__limit) }
                }

                /// The largest message to send, in bytes; no limit unless set.
                #[must_use]
                pub fn max_encoding_message_size(self, __limit: usize) -> Self {
                    Self { caller: self.caller.max_encoding_message_size(__limit) }
                }
            }
        }
    }

    fn contract(&self) -> TokenStream {
        let ident = &self.0.ident;
        let (rt, client) = (self.0.rt(), self.0.client());
        let methods = self.0.methods.iter().map(|method| self.method(method));
        quote! {
            impl<__T: #rt::client::Transport> #ident for #client<__T> {
                #(#methods)*
            }
        }
    }

    fn method(&self, method: &Method) -> TokenStream {
        let (rt, name, path) = (self.0.rt(), method.ident(), &method.path);
        let (_, function) = method.kind();
        let cfgs = method.cfgs();
        let (argument, request) = match &method.input {
            Input { written: Some(written), envelope: true, .. } => {
                (quote!(, __request: #written), quote!(__request))
            }
            Input { written: Some(written), .. } => {
                (quote!(, __request: #written), quote!(#rt::Request::new(__request)))
            }
            Input { written: None, .. } => (quote!(), quote!(#rt::Request::new(()))),
        };
        let call = quote!(self.caller.call(#path).#function(#request));
        let returned = self.returned(method);
        let answer = match method.output.form {
            Form::Plain => quote!(#rt::client::plain(#call.await)),
            Form::Envelope => quote!(#rt::client::envelope(#call.await)),
            Form::Direct => quote!(#rt::client::direct(#call)),
        };
        let function = match (method.output.form, method.output.is_stream()) {
            (Form::Direct, _) => quote!(fn #name(&self #argument) -> #returned { #answer }),
            (_, false) => quote!(async fn #name(&self #argument) -> #returned { #answer }),
            // Not `async fn`: the compiler would warn that its type says more than the trait's.
            (_, true) => quote! {
                fn #name(&self #argument) -> impl ::core::future::Future<Output = #returned>
                    + ::core::marker::Send
                {
                    async move { #answer }
                }
            },
        };
        quote!(#(#cfgs)* #function)
    }

    /// What the client's method returns: as in the trait, with `Streaming` for `impl Stream`.
    fn returned(&self, method: &Method) -> TokenStream {
        let rt = self.0.rt();
        let mut returned = method.output.written.clone();
        if let Some(item) = &method.output.item {
            replace_impl(&mut returned, &parse_quote!(#rt::Messages<#item>));
        }
        quote!(#returned)
    }

    fn clone_and_debug(&self) -> TokenStream {
        let client = self.0.client();
        let name = client.to_string();
        quote! {
            impl<__T: ::core::clone::Clone> ::core::clone::Clone for #client<__T> {
                fn clone(&self) -> Self {
                    Self { caller: self.caller.clone() }
                }
            }

            impl<__T> ::core::fmt::Debug for #client<__T> {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __f.debug_struct(#name).finish_non_exhaustive()
                }
            }
        }
    }
}

/// Puts `concrete` in the place of `impl Stream<…>`.
fn replace_impl(ty: &mut Type, concrete: &Type) {
    struct Replace<'a>(&'a Type);

    impl VisitMut for Replace<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) => ty.clone_from(self.0),
                ty => syn::visit_mut::visit_type_mut(self, ty),
            }
        }
    }

    Replace(concrete).visit_type_mut(ty);
}
