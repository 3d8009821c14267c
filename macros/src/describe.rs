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

pub(crate) use self::{
    check::{definition, is_enumeration},
    model::{Body, Definition, Scalar},
    reserved::Numbers,
};
use crate::{diagnostic::Errors, syntax::DescribeKeys};

/// What is wrong with a message.
#[cfg(test)]
pub(crate) fn check(item: TokenStream, errors: &mut Errors) {
    if let Ok(input) = syn::parse2::<DeriveInput>(item) {
        let keys = DescribeKeys::parse(&input.attrs, errors);
        definition(&input, keys, errors);
    }
}

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match syn::parse2::<DeriveInput>(item) {
        // Also of a type with faults, so that what uses it still finds the rest.
        Ok(input) => {
            let keys = DescribeKeys::parse(&input.attrs, &mut errors);
            let definition = definition(&input, keys, &mut errors);
            quote!(#errors #definition)
        }
        Err(error) => error.into_compile_error(),
    }
}

#[cfg(test)]
mod tests;
