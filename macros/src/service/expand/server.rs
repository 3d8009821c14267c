//! The server: a tower service that calls the trait.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::service::model::{Form, Input, Method, Passing, Service};

/// `pub type OrderManagementServer<S> = Served<…>;`
pub(crate) struct Server<'a>(pub(crate) &'a Service);

impl ToTokens for Server<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Service { visibility, ident, .. } = self.0;
        let (rt, server, contract) = (self.0.rt(), self.0.server(), self.0.contract());
        let bound = self.0.bound();
        let about = format!(" Serves an [`{ident}`] to gRPC callers.");
        let methods = self.0.methods.iter().map(|method| self.method(method));
        let needs = self.needs();
        tokens.extend(quote! {
            #rt::server_half! {
                #[doc = #about]
                #[allow(dead_code)]
                #visibility type #server<__S> = #rt::server::Served<#contract, __S>;

                impl<__S: #bound> #rt::server::Dispatch<__S> for #contract {
                    fn method(__path: &str) -> ::core::option::Option<#rt::server::Method<__S>> {
                        // Has a `table` where a type was refused.
                        use #rt::server::Undispatched as _;
                        Self::table(__path)
                    }
                }

                impl #contract
                where
                    #(#needs,)*
                {
                    fn table<__S: #bound>(
                        __path: &str,
                    ) -> ::core::option::Option<#rt::server::Method<__S>> {
                        match __path {
                            #(#methods)*
                            _ => ::core::option::Option::None,
                        }
                    }
                }
            }
        });
    }
}

impl Server<'_> {
    /// What the types of the table must be, each said once.
    ///
    /// Where one of them is not, the table is passed over in silence: the type is refused elsewhere. A
    /// bound that does not hold is an error by itself, unless it has a lifetime; so it has one, for which
    /// nobody has a use. Of a method under `#[cfg(…)]` there is none, since a bound cannot have attributes.
    fn needs(&self) -> Vec<TokenStream> {
        let rt = self.0.rt();
        let mut needs = Vec::new();
        for method in self.0.methods.iter().filter(|it| it.cfgs().next().is_none()) {
            let Method { input, output, .. } = method;
            let messages = [&input.message, &output.message];
            needs.extend(messages.map(|ty| quote!(for<'__a> #ty: #rt::Message)));
            needs.extend(input.error.iter().map(|ty| quote!(for<'__a> #ty: #rt::FromStatus)));
            needs.extend(output.errors.iter().map(|ty| quote!(for<'__a> #ty: #rt::IntoStatus)));
        }
        let mut said = HashSet::new();
        needs.retain(|need| said.insert(need.to_string()));
        needs
    }

    fn method(&self, method: &Method) -> TokenStream {
        let (rt, path) = (self.0.rt(), self.0.path(method));
        let (kind, _) = method.kind();
        let cfgs = method.cfgs();
        let allow = method.may_be_deprecated().then(|| quote!(#[allow(deprecated)]));
        let answer = self.answer(method);
        let out = if method.output.is_stream() { quote!(__out) } else { quote!(__writer) };
        quote! {
            #(#cfgs)*
            #allow
            #path => ::core::option::Option::Some(#rt::server::Method::#kind(
                |__service, __request, #out| ::std::boxed::Box::pin(async move { #answer })
            )),
        }
    }

    /// Calls the method, and hands its answer over.
    fn answer(&self, method: &Method) -> TokenStream {
        let (rt, ident, name) = (self.0.rt(), &self.0.ident, method.ident());
        let argument = match &method.input {
            Input { written: None, .. } => quote!(),
            Input { envelope: true, is_stream: false, .. } => quote!(, __request.envelope()?),
            Input { envelope: true, is_stream: true, .. } => quote!(, __request.envelope()),
            Input { is_stream: true, .. } => quote!(, __request.messages()),
            // What is lent lives as long as the statement in which it stands: for the whole answer.
            Input { passing, .. } => match passing {
                Passing::Value => quote!(, __request.message()?),
                Passing::Reference => quote!(, &__request.message()?),
                Passing::Text => quote!(, #rt::server::text(&__request.into_bytes())?),
                Passing::Bytes => quote!(, &__request.message::<#rt::server::Bytes>()?),
            },
        };
        let empty = method.input.written.is_none().then(|| quote!(__request.message::<()>()?;));
        let call = quote!(<__S as #ident>::#name(&*__service #argument));
        let answer = match (method.output.is_stream(), method.output.form) {
            (false, Form::Envelope) => quote!(#rt::server::reply_with(__writer, #call.await)),
            (false, _) => quote!(#rt::server::reply(__writer, #call.await)),
            (true, Form::Direct) => quote!(__out.messages(#call).await),
            (true, Form::Plain) => {
                quote!(__out.messages(#rt::server::or_status(#call.await)?).await)
            }
            (true, Form::Envelope) => {
                quote!(__out.respond(#rt::server::or_status(#call.await)?).await)
            }
        };
        quote!(#empty #answer)
    }
}
