//! `#[derive(Describe)]`: a message, an enumeration or a oneof as data.
//!
//! The same way as a trait's: parse → model → check → expand.

mod check;
mod enumeration;
mod expand;
mod field;
mod model;
mod parse;
mod reserved;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::diagnostic::Errors;

/// What is wrong with a message.
#[cfg(test)]
pub(crate) fn check(item: TokenStream, errors: &mut Errors) {
    if let Ok(input) = syn::parse2(item) {
        check::definition(&input, errors);
    }
}

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match syn::parse2::<DeriveInput>(item) {
        // Also of a type with faults, so that what uses it still finds the rest.
        Ok(input) => {
            let definition = check::definition(&input, &mut errors);
            quote!(#errors #definition)
        }
        Err(error) => error.into_compile_error(),
    }
}

#[cfg(test)]
mod tests;
