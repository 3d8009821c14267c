//! The server: a tower service that calls the trait.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    check::static_name,
    model::{Form, Input, Method, Service},
};

/// `pub struct OrderManagementServer<S> { … }`
pub(crate) struct Server<'a>(pub(crate) &'a Service);

impl ToTokens for Server<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.structure().to_tokens(tokens);
        self.constructors().to_tokens(tokens);
        self.settings().to_tokens(tokens);
        self.service().to_tokens(tokens);
        self.named().to_tokens(tokens);
        self.clone_and_debug().to_tokens(tokens);
    }
}

impl Server<'_> {
    fn structure(&self) -> TokenStream {
        let Service { visibility, ident, .. } = self.0;
        let (rt, server) = (self.0.rt(), self.0.server());
        let about = format!(" Serves an [`{ident}`] to gRPC callers.");
        quote! {
            #[doc = #about]
            #visibility struct #server<__S> {
                host: #rt::server::Host<__S>,
            }
        }
    }

    fn constructors(&self) -> TokenStream {
        let bound = self.0.bound();
        let (rt, server) = (self.0.rt(), self.0.server());
        quote! {
            impl<__S: #bound> #server<__S> {
                /// Serves a service.
                pub fn new(__service: __S) -> Self {
                    Self::from_arc(#rt::Arc::new(__service))
                }

                /// Serves a service that others hold too.
                pub fn from_arc(__service: #rt::Arc<__S>) -> Self {
                    Self { host: #rt::server::Host::new(__service) }
                }
            }
        }
    }

    fn settings(&self) -> TokenStream {
        let (rt, server) = (self.0.rt(), self.0.server());
        quote! {
            impl<__S> #server<__S> {
                /// Accepts requests that are compressed in this way.
                #[must_use]
                pub fn accept_compressed(self, __encoding: #rt::CompressionEncoding) -> Self {
                    Self { host: self.host.accept_compressed(__encoding) }
                }

                /// Compresses answers in this way for callers that accept it.
                #[must_use]
                pub fn send_compressed(self, __encoding: #rt::CompressionEncoding) -> Self {
                    Self { host: self.host.send_compressed(__encoding) }
                }

                /// The largest message to accept, in bytes; 4 MiB unless set.
                #[must_use]
                pub fn max_decoding_message_size(self, __limit: usize) -> Self {
                    Self { host: self.host.max_decoding_message_size(__limit) }
                }

                /// The largest message to send, in bytes; no limit unless set.
                #[must_use]
                pub fn max_encoding_message_size(self, __limit: usize) -> Self {
                    Self { host: self.host.max_encoding_message_size(__limit) }
                }
            }
        }
    }

    fn service(&self) -> TokenStream {
        let bound = self.0.bound();
        let (rt, server, descriptor) = (self.0.rt(), self.0.server(), static_name(&self.0.ident));
        let routes = self.0.methods.iter().map(|method| self.route(method));
        quote! {
            impl<__S, __B> #rt::server::Service<#rt::server::HttpRequest<__B>> for #server<__S>
            where
                __S: #bound,
                __B: #rt::server::RequestBody,
            {
                type Response = #rt::server::HttpResponse;
                type Error = #rt::server::Infallible;
                type Future = #rt::server::ResponseFuture;

                fn poll_ready(
                    &mut self,
                    _: &mut #rt::server::Context<'_>,
                ) -> #rt::server::Poll<::core::result::Result<(), Self::Error>> {
                    #rt::server::Poll::Ready(::core::result::Result::Ok(()))
                }

                fn call(&mut self, __request: #rt::server::HttpRequest<__B>) -> Self::Future {
                    let __call = self.host.call(__request);
                    match __call.path() {
                        #(#routes)*
                        _ => __call.unimplemented(&#descriptor),
                    }
                }
            }
        }
    }

    fn route(&self, method: &Method) -> TokenStream {
        let path = &method.path;
        let (_, function) = method.kind();
        let cfgs = method.cfgs();
        let allow = method.may_be_deprecated().then(|| quote!(#[allow(deprecated)]));
        let answer = self.answer(method);
        let request = self.request(method);
        let out = method.output.is_stream().then(|| quote!(, __out));
        quote! {
            #(#cfgs)*
            #allow
            #path => __call.#function(|__service, __request: #request #out| async move { #answer }),
        }
    }

    /// The request in its envelope.
    fn request(&self, method: &Method) -> TokenStream {
        let rt = self.0.rt();
        match &method.input {
            Input { written: Some(written), envelope: true, .. } => quote!(#written),
            Input { written: Some(written), .. } => quote!(#rt::Request<#written>),
            Input { message, .. } => quote!(#rt::Request<#message>),
        }
    }

    /// Calls the method, and hands its answer over.
    fn answer(&self, method: &Method) -> TokenStream {
        let (rt, ident, name) = (self.0.rt(), &self.0.ident, method.ident());
        let argument = match &method.input {
            Input { written: None, .. } => quote!(),
            Input { envelope: true, .. } => quote!(, __request),
            _ => quote!(, __request.into_inner()),
        };
        let call = quote!(<__S as #ident>::#name(&__service #argument));
        let answer = match method.output.form {
            Form::Plain => quote!(#rt::server::plain(#call.await)),
            Form::Envelope => quote!(#rt::server::envelope(#call.await)),
            Form::Direct => quote!(#rt::Response::new(#call)),
        };
        match (method.output.is_stream(), method.output.form) {
            (false, _) => answer,
            (true, Form::Direct) => quote!(__out.respond(#answer).await),
            (true, _) => quote!(__out.respond(#answer?).await),
        }
    }

    fn named(&self) -> TokenStream {
        let (rt, server, name) = (self.0.rt(), self.0.server(), self.0.full_name());
        quote! {
            impl<__S> #rt::server::NamedService for #server<__S> {
                const NAME: &'static str = #name;
            }
        }
    }

    fn clone_and_debug(&self) -> TokenStream {
        let server = self.0.server();
        let name = server.to_string();
        quote! {
            impl<__S> ::core::clone::Clone for #server<__S> {
                fn clone(&self) -> Self {
                    Self { host: self.host.clone() }
                }
            }

            impl<__S> ::core::fmt::Debug for #server<__S> {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __f.debug_struct(#name).finish_non_exhaustive()
                }
            }
        }
    }
}
