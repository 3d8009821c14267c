//! `package!`: what the definitions of a module have in common, as a constant that they find.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    diagnostic::Errors,
    names,
    syntax::{OptionValue, PackageKeys},
};

/// What is wrong with a line.
#[cfg(test)]
pub(crate) fn check(line: TokenStream, errors: &mut Errors) {
    file(&PackageKeys::parse(line, errors), errors);
}

pub(crate) fn expand(line: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let keys = PackageKeys::parse(line, &mut errors);
    let krate = &keys.krate;
    let file = file(&keys, &mut errors);
    quote! {
        #errors
        #[doc(hidden)]
        const __PROTO_FILE: #krate::rt::describe::File = #file;
    }
}

fn file(keys: &PackageKeys, errors: &mut Errors) -> TokenStream {
    let krate = &keys.krate;
    let package = keys.package.as_ref().map(|written| names::package(written, errors));
    let package = package.unwrap_or_default();
    let path = match keys.file.as_ref().map(|written| names::file(written, errors)) {
        Some(path) => quote!(::core::option::Option::Some(#path)),
        None => quote!(::core::option::Option::None),
    };
    let options = options(&quote!(#krate::rt), &keys.options);
    quote!(#krate::rt::describe::File { package: #package, path: #path, options: #options })
}

/// Options as static data.
pub(crate) fn options(rt: &TokenStream, options: &[(String, OptionValue)]) -> TokenStream {
    let options = options.iter().map(|(name, value)| {
        quote!(#rt::describe::ProtoOption { name: #name, value: #rt::describe::OptionValue::#value })
    });
    quote!(&[#(#options),*])
}

impl ToTokens for OptionValue {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Flag(value) => quote!(Flag(#value)),
            Self::Word(value) => quote!(Word(#value)),
            Self::Text(value) => quote!(Text(#value)),
        });
    }
}

/// The constant of the line in the module around, or the runtime's, which says nothing: a name that
/// the inner block finds comes before those of the outer one.
pub(crate) fn of_the_module(rt: &TokenStream) -> TokenStream {
    quote! {
        {
            use #rt::fallback::*;
            {
                use self::*;
                &__PROTO_FILE
            }
        }
    }
}
