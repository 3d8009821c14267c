//! The descriptor: the service as data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    names::static_name,
    package,
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
        let contract = self.0.contract();
        let (package, placed) = match package {
            Some(package) => (package.as_str(), None),
            None => ("", Some(quote!(.placed(#contract::__FILE)))),
        };
        let file = file.as_ref().map(|file| quote!(.with_file(#file)));
        let full_name = match self.0.full_name() {
            Some(name) => name.into_token_stream(),
            None => quote!(#contract::__NAME),
        };
        let names = self.names();
        let about_contract = format!(" The contract of [`{ident}`] as a type.");
        tokens.extend(quote! {
            #(#cfgs)*
            #[doc = #about]
            #visibility static #static_name: #rt::ServiceDescriptor = {
                // Has `OF` for a message that does not derive `Describe`.
                use #rt::Undescribed as _;
                const METHODS: &[#rt::MethodDescriptor] = &[#(#methods),*];
                #rt::ServiceDescriptor::new(#package, #name, METHODS)
                    #placed #file #docs #deprecated #set
            };

            #[doc = #about_contract]
            #[derive(::core::fmt::Debug)]
            #visibility enum #contract {}

            #names

            impl #rt::Contract for #contract {
                const DESCRIPTOR: &'static #rt::ServiceDescriptor = &#static_name;
                const NAME: &'static str = #full_name;
            }
        });
    }
}

impl Descriptor<'_> {
    /// What follows from the package, where the compiler finds it in the module.
    fn names(&self) -> Option<TokenStream> {
        if self.0.package.is_some() {
            return None;
        }
        let (rt, contract, name) = (self.0.rt(), self.0.contract(), &self.0.name);
        let line = package::of_the_module(&rt);
        let package = quote!(#contract::__FILE.package);
        let paths = self.0.methods.iter().map(|method| {
            let (cfgs, constant, name) = (method.cfgs(), method.path_constant(), &method.name);
            quote! {
                #(#cfgs)*
                const #constant: &'static str = #rt::joined!("/", #contract::__NAME, "/", #name);
            }
        });
        Some(quote! {
            impl #contract {
                const __FILE: &'static #rt::describe::File = #line;
                const __NAME: &'static str = #rt::joined!(#package, #rt::dot(#package), #name);
                #(#paths)*
            }
        })
    }

    fn method(&self, method: &Method) -> TokenStream {
        let rt = self.0.rt();
        let Method { name, docs, input, output, .. } = method;
        let path = self.0.path(method);
        let (input, output) = (&input.message, &output.message);
        let cfgs = method.cfgs();
        let (kind, _) = method.kind();
        let docs = (!docs.is_empty()).then(|| quote!(.with_docs(#docs)));
        let deprecated = method.is_deprecated().then(|| quote!(.as_deprecated()));
        let idempotency = match method.idempotency.as_deref() {
            Some("IDEMPOTENT") => Some(quote!(Idempotent)),
            Some(_) => Some(quote!(NoSideEffects)),
            None => None,
        };
        let idempotency = idempotency.map(|it| quote!(.with_idempotency(#rt::Idempotency::#it)));
        let pairs = method.contract_attributes.iter().map(|(name, text)| quote!((#name, #text)));
        let attributes = (!method.contract_attributes.is_empty())
            .then(|| quote!(.with_attributes(&[#(#pairs),*])));
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
            #idempotency
            #attributes
        }
    }
}
