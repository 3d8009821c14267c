//! The client: calls the server, and implements the trait.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Type, parse_quote, visit_mut::VisitMut};

use crate::service::model::{Form, Input, Method, Passing, Service};

/// `pub type OrderManagementClient<T = DefaultTransport> = Client<…>;`
pub(crate) struct Client<'a>(pub(crate) &'a Service);

impl ToTokens for Client<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.items(true).to_tokens(tokens);
    }
}

impl Client<'_> {
    /// The client, which does not implement the trait yet.
    pub(crate) fn without_contract(&self) -> TokenStream {
        self.items(false)
    }

    /// The items, if the runtime has its client half.
    fn items(&self, with_contract: bool) -> TokenStream {
        let Service { visibility, ident, .. } = self.0;
        let (rt, client, contract) = (self.0.rt(), self.0.client(), self.0.contract());
        let about = format!(" Calls an [`{ident}`] elsewhere, and is one. Cheap to clone.");
        let implementation = with_contract.then(|| self.implementation());
        quote! {
            #rt::client_half! {
                #[doc = #about]
                #[allow(dead_code)]
                #visibility type #client<__T = #rt::client::DefaultTransport> =
                    #rt::client::Client<#contract, __T>;

                #implementation
            }
        }
    }

    fn implementation(&self) -> TokenStream {
        let ident = &self.0.ident;
        let (rt, contract) = (self.0.rt(), self.0.contract());
        let methods = self.0.methods.iter().map(|method| self.method(method));
        quote! {
            // Has `of` where a type was refused.
            use #rt::client::Uncallable as _;

            impl<__T: #rt::client::Transport> #ident for #rt::client::Client<#contract, __T> {
                #(#methods)*
            }
        }
    }

    fn method(&self, method: &Method) -> TokenStream {
        let (rt, name, path) = (self.0.rt(), method.ident(), self.0.path(method));
        let (_, function) = method.kind();
        let cfgs = method.cfgs();
        let (argument, request) = match &method.input {
            Input { written: Some(written), envelope: true, .. } => {
                (quote!(, __request: #written), quote!(__request))
            }
            Input { written: Some(written), passing, .. } => {
                let request = match passing {
                    Passing::Value => quote!(#rt::Request::new(__request)),
                    _ => quote!(#rt::client::lend(__request)),
                };
                (quote!(, __request: #written), request)
            }
            Input { written: None, .. } => (quote!(), quote!(#rt::Request::new(()))),
        };
        let (input, output) = (&method.input.message, &method.output.message);
        let call = quote!(#rt::client::Call::<#input, #output>::of(self, #path));
        let returned = self.returned(method);
        let answer = match method.output.form {
            Form::Plain => quote!(#rt::client::plain(#call.#function(#request).await)),
            Form::Envelope => quote!(#rt::client::envelope(#call.#function(#request).await)),
            Form::Direct => {
                let function = format_ident!("{function}_when_polled");
                quote!(#call.#function(#request))
            }
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
