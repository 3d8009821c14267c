//! The trait itself, as implementations and callers see it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    FnArg, Pat, ReturnType, Signature, Type, TypeParamBound, parse_quote, parse_quote_spanned,
    spanned::Spanned, visit_mut::VisitMut,
};

use crate::service::model::{Body, Form, Method, Service};

/// `pub trait OrderManagement: Send + Sync + 'static { … }`
pub(crate) struct Contract<'a>(pub(crate) &'a Service);

impl ToTokens for Contract<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Service { attributes, visibility, ident, item, .. } = self.0;
        let supertraits = item.supertraits.iter();
        let methods = self.0.methods.iter().map(|method| self.method(method));
        tokens.extend(quote! {
            #(#attributes)*
            #visibility trait #ident:
                ::core::marker::Send + ::core::marker::Sync + 'static #(+ #supertraits)*
            {
                #(#methods)*
            }
        });
    }
}

impl Contract<'_> {
    pub(crate) fn method(&self, method: &Method) -> TokenStream {
        let attributes = &method.attributes;
        let signature = desugared(&method.signature);
        let body = match self.body(method) {
            Some(body) => quote!({ #body }),
            None => quote!(;),
        };
        quote!(#(#attributes)* #signature #body)
    }

    fn body(&self, method: &Method) -> Option<TokenStream> {
        let rt = self.0.rt();
        let name = &method.name;
        let is_async = method.output.form != Form::Direct;
        match &method.body {
            Body::Required => None,
            Body::Default(block) if is_async => Some(quote!(async move #block)),
            Body::Default(block) => {
                let statements = &block.stmts;
                Some(quote!(#(#statements)*))
            }
            Body::Unimplemented => {
                let unused = argument(&method.signature).map(|name| quote!(let _ = #name;));
                let answer = match (&method.output.item, is_async) {
                    (Some(_), false) => quote!(#rt::unimplemented_stream(#name)),
                    (Some(item), true) => {
                        let answer = self.no_stream(method, item);
                        quote!(async move { #rt::unimplemented::<#answer, _>(#name) })
                    }
                    (None, _) => quote!(async move { #rt::unimplemented(#name) }),
                };
                Some(quote!(#unused #answer))
            }
        }
    }

    /// A stream type for an answer that never comes.
    fn no_stream(&self, method: &Method, item: &Type) -> TokenStream {
        let rt = self.0.rt();
        let stream = quote!(#rt::Messages<#item>);
        match method.output.form {
            Form::Envelope => quote!(#rt::Response<#stream>),
            Form::Plain | Form::Direct => stream,
        }
    }
}

/// The name of the argument, if it has one.
fn argument(signature: &Signature) -> Option<&Pat> {
    signature.inputs.iter().find_map(|argument| match argument {
        FnArg::Typed(argument) if matches!(&*argument.pat, Pat::Ident(_)) => Some(&*argument.pat),
        _ => None,
    })
}

/// The signature with what the compiler needs to know and nobody wants to write: `async fn` becomes
/// `fn … -> impl Future + Send`, and streams are `Send`.
fn desugared(written: &Signature) -> Signature {
    let mut signature = written.clone();
    if let ReturnType::Type(_, returned) = &mut signature.output {
        StreamsAreSend.visit_type_mut(returned);
        if signature.asyncness.take().is_some() {
            let here = Span::call_site().located_at(returned.span());
            **returned = parse_quote_spanned! {here=>
                impl ::core::future::Future<Output = #returned> + ::core::marker::Send
            };
        }
    }
    signature
}

struct StreamsAreSend;

impl VisitMut for StreamsAreSend {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(stream) = ty {
            let send: TypeParamBound = parse_quote!(::core::marker::Send);
            stream.bounds.push(send);
        } else {
            syn::visit_mut::visit_type_mut(self, ty);
        }
    }
}
