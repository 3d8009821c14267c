//! `#[derive(RpcError)]`: an enum, and the status that it travels as.
//!
//! The same way as a trait's: check → model → expand, or a fallback.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::DeriveInput;

use crate::diagnostic::Errors;

/// What is wrong with an error.
#[cfg(test)]
pub(crate) fn check(item: TokenStream, errors: &mut Errors) {
    if let Ok(input) = syn::parse2(item) {
        check::definition(&input, errors);
    }
}

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let definition = check::definition(&input, &mut errors);
    match definition.filter(|_| errors.is_empty()) {
        Some(definition) => definition.into_token_stream(),
        None => {
            let fallback = expand::fallback(&input);
            quote!(#errors #fallback)
        }
    }
}

#[cfg(test)]
mod tests;
