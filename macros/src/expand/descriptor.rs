//! The descriptor: the service as data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    check::static_name,
    model::{Method, Service, is_cfg, is_deprecated},
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
        let deprecated = is_deprecated(attributes);
        let methods = self.0.methods.iter().map(|method| self.method(method));
        let descriptor_set = match &self.0.descriptor_set {
            Some(bytes) => quote!(::core::option::Option::Some(#bytes)),
            None => quote!(::core::option::Option::None),
        };
        tokens.extend(quote! {
            #(#cfgs)*
            #[doc = #about]
            #visibility static #static_name: #rt::ServiceDescriptor = #rt::ServiceDescriptor {
                package: #package,
                name: #name,
                file: #file,
                docs: #docs,
                deprecated: #deprecated,
                methods: {
                    // Has `OF` for a message that does not derive `Describe`.
                    use #rt::Undescribed as _;
                    &[#(#methods),*]
                },
                descriptor_set: #descriptor_set,
            };
        });
    }
}

impl Descriptor<'_> {
    fn method(&self, method: &Method) -> TokenStream {
        let rt = self.0.rt();
        let Method { name, path, docs, input, output, .. } = method;
        let (input, output) = (&input.message, &output.message);
        let cfgs = method.cfgs();
        let deprecated = method.is_deprecated();
        let (kind, _) = method.kind();
        quote! {
            #(#cfgs)*
            #rt::MethodDescriptor {
                name: #name,
                path: #path,
                kind: #rt::MethodKind::#kind,
                input: #rt::TypeRef::of::<#input>().described(#rt::Definition::<#input>::OF),
                output: #rt::TypeRef::of::<#output>().described(#rt::Definition::<#output>::OF),
                docs: #docs,
                deprecated: #deprecated,
            }
        }
    }
}
