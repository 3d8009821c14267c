//! `#[message]`: a message, an enumeration or a oneof in the long form.
//!
//! What types say is written into `#[prost(…)]` and `#[describe(…)]`; `describe` judges it, at the
//! tokens that it follows from.

mod fallback;
mod long_form;
mod member;
mod sent;
mod tag;
mod types;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Field, Ident, Variant};

use crate::{
    describe::{self, Definition},
    diagnostic::{Errors, rules},
    syntax::{DescribeKeys, is_cfg},
};

/// `#[message]`: the long form, or what was wrong.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some((written, keys)) = read(arguments.clone(), item.clone(), &mut errors) else {
        return quote!(#errors #item);
    };
    if let Some(deferred) = after_cfg(&written, &keys, &arguments) {
        return deferred;
    }
    let (long, definition) = check(&written, keys, &mut errors);
    match errors.is_empty() {
        true => long_form::item(&definition, long, &arguments),
        false => fallback::item(&definition, written, &errors),
    }
}

/// What is wrong with a message.
#[cfg(test)]
pub(crate) fn errors(arguments: TokenStream, item: TokenStream, errors: &mut Errors) {
    if let Some((written, keys)) = read(arguments, item, errors) {
        check(&written, keys, errors);
    }
}

fn read(
    arguments: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Option<(DeriveInput, DescribeKeys)> {
    match syn::parse2(item.clone()) {
        Ok(written) => Some((written, DescribeKeys::of_message(arguments, errors))),
        Err(fault) => {
            match first_word(&item).unwrap_or_default().as_str() {
                "struct" | "enum" | "union" => {
                    // The compiler takes a span only with a token.
                    let here = Ident::new("here", fault.span());
                    errors.refuse(here, &rules::SYNTAX, &[&fault, &"type"]);
                }
                found => errors.refuse(item, &rules::NOT_A_STRUCT, &[&found]),
            }
            None
        }
    }
}

/// The word that begins an item, behind its attributes and its visibility.
fn first_word(item: &TokenStream) -> Option<String> {
    let words = item.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(ident) if ident != "pub" => Some(ident.to_string()),
        _ => None,
    });
    words.into_iter().next()
}

/// The item with the attributes of the long form on its members, and what it defines.
fn check(
    written: &DeriveInput,
    keys: DescribeKeys,
    errors: &mut Errors,
) -> (DeriveInput, Definition) {
    long_form::by_hand(written, errors);
    let mut long = written.clone();
    // With what a member with faults is judged by; the item that is emitted has none of them then.
    member::translate(&mut long, &keys, errors);
    // The compiler has not decided yet which members there are: the derive sees those that are left.
    let mut unseen = Errors::default();
    let seen = if has_conditions(written) { &mut unseen } else { errors };
    let definition = describe::definition(&long, keys, seen);
    (long, definition)
}

/// An item under `#[cfg(…)]` again, with the condition in front, so that nothing is made where it
/// does not hold.
fn after_cfg(
    written: &DeriveInput,
    keys: &DescribeKeys,
    arguments: &TokenStream,
) -> Option<TokenStream> {
    let mut item = written.clone();
    let conditions: Vec<Attribute> = item.attrs.extract_if(.., |it| is_cfg(it)).collect();
    let krate = keys.krate();
    (!conditions.is_empty()).then(|| quote!(#(#conditions)* #[#krate::message(#arguments)] #item))
}

/// Whether a member of the item has a `#[cfg(…)]`.
fn has_conditions(item: &DeriveInput) -> bool {
    members(item).any(|attributes| attributes.iter().any(is_cfg))
}

/// The attributes of each member.
fn members(item: &DeriveInput) -> Box<dyn Iterator<Item = &Vec<Attribute>> + '_> {
    match &item.data {
        Data::Struct(data) => Box::new(data.fields.iter().map(|Field { attrs, .. }| attrs)),
        Data::Enum(data) => Box::new(data.variants.iter().map(|Variant { attrs, .. }| attrs)),
        Data::Union(_) => Box::new(std::iter::empty()),
    }
}
