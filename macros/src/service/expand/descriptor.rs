//! The descriptor: the service as data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    names::static_name,
    service::model::{Method, Service},
    syntax::{is_cfg, is_deprecated},
};

/// `pub static ORDER_MANAGEMENT: ServiceDescriptor = …;`
pub(crate) struct Descriptor<'a>(pub(crate) &'a Service);

impl ToTokens for Descriptor<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Service { attributes, docs, visibility, ident, package, name, file, .. } = self.0;
        let rt = self.0.rt();
        let cfgs = attributes.iter().filter(|it| is_cfg(it));
        let static_name = static_name(ident);
        let about = format!(" The descriptor of [`{ident}`].");
        let methods = self.0.methods.iter().map(|method| self.method(method));
        let docs = (!docs.is_empty()).then(|| quote!(.with_docs(#docs)));
        let deprecated = is_deprecated(attributes).then(|| quote!(.as_deprecated()));
        let set = self.0.descriptor_set.as_ref().map(|it| quote!(.with_descriptor_set(#it)));
        let (contract, full_name) = (self.0.contract(), self.0.full_name());
        let about_contract = format!(" The contract of [`{ident}`] as a type.");
        tokens.extend(quote! {
            #(#cfgs)*
            #[doc = #about]
            #visibility static #static_name: #rt::ServiceDescriptor = {
                // Has `OF` for a message that does not derive `Describe`.
                use #rt::Undescribed as _;
                const METHODS: &[#rt::MethodDescriptor] = &[#(#methods),*];
                #rt::ServiceDescriptor::new(#package, #name, #file, METHODS) #docs #deprecated #set
            };

            #[doc = #about_contract]
            #[derive(::core::fmt::Debug)]
            #visibility enum #contract {}

            impl #rt::Contract for #contract {
                const DESCRIPTOR: &'static #rt::ServiceDescriptor = &#static_name;
                const NAME: &'static str = #full_name;
            }
        });
    }
}

impl Descriptor<'_> {
    fn method(&self, method: &Method) -> TokenStream {
        let rt = self.0.rt();
        let Method { name, path, docs, input, output, .. } = method;
        let (input, output) = (&input.message, &output.message);
        let cfgs = method.cfgs();
        let (kind, _) = method.kind();
        let docs = (!docs.is_empty()).then(|| quote!(.with_docs(#docs)));
        let deprecated = method.is_deprecated().then(|| quote!(.as_deprecated()));
        quote! {
            #(#cfgs)*
            #rt::MethodDescriptor::new(
                #name,
                #path,
                #rt::MethodKind::#kind,
                #rt::Definition::<#input>::NAME.described(#rt::Definition::<#input>::OF),
                #rt::Definition::<#output>::NAME.described(#rt::Definition::<#output>::OF),
            )
            #docs
            #deprecated
        }
    }
}
