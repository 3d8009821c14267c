//! `#[service]`: a trait as a gRPC service.

pub(crate) mod check;
mod expand;
mod fallback;
mod model;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, ItemTrait};

use self::expand::Expansion;
use crate::{
    diagnostic::Errors,
    syntax::{ServiceKeys, is_cfg},
};

/// `#[service]`: everything that is made of a trait, or what was wrong with it.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if let Some(deferred) = after_cfg(&arguments, &item) {
        return deferred;
    }
    match check::service(arguments, item.clone(), &mut errors) {
        Some(service) if errors.is_empty() => Expansion(&service).into_token_stream(),
        Some(service) => fallback::service(&service, &errors),
        None => quote!(#errors #item),
    }
}

/// A trait under `#[cfg(…)]` again, with the condition in front: when it holds, the compiler takes
/// it away and calls the macro a second time, and otherwise nothing is made at all.
fn after_cfg(arguments: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let mut item: ItemTrait = syn::parse2(item.clone()).ok()?;
    let is_condition = |it: &mut Attribute| is_cfg(it) || it.path().is_ident("cfg_attr");
    let conditions: Vec<_> = item.attrs.extract_if(.., is_condition).collect();
    if conditions.is_empty() {
        return None;
    }
    let krate = ServiceKeys::parse(arguments.clone(), &mut Errors::default()).krate();
    Some(quote!(#(#conditions)* #[#krate::service(#arguments)] #item))
}
