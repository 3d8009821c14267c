//! What `#[message]` writes above the type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Path, Token, parse::Parser, parse_quote, punctuated::Punctuated,
};

use crate::{
    describe::{Body, Definition},
    diagnostic::{Errors, rules},
    syntax::{compact, inside, peel},
};

/// The item with all that it derives.
pub(super) fn item(
    definition: &Definition,
    mut item: DeriveInput,
    arguments: &TokenStream,
) -> TokenStream {
    let krate = &definition.krate;
    let prost = quote!(#krate::prost);
    let mut derives = match definition.body {
        Body::Message(_) => quote!(#prost::Message),
        Body::Enumeration(_) => quote! {
            ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::Eq, ::core::hash::Hash,
            ::core::cmp::PartialOrd, ::core::cmp::Ord, #prost::Enumeration
        },
        Body::Oneof(_) => quote!(#prost::Oneof),
    };
    let path = compact(&prost).replace(' ', "");
    let mut attributes: Vec<Attribute> = vec![parse_quote!(#[prost(prost_path = #path)])];
    if has_sorted_map(&item) {
        // prost's own `Debug` of a `BTreeMap` says `::prost`, whatever the path is.
        attributes.push(parse_quote!(#[prost(skip_debug)]));
        derives = quote!(::core::fmt::Debug, #derives);
    }
    if !arguments.is_empty() {
        attributes.push(parse_quote!(#[describe(#arguments)]));
    }
    if matches!(definition.body, Body::Enumeration(_)) && !has(&item.attrs, "repr") {
        attributes.push(parse_quote!(#[repr(i32)]));
    }
    let docs: Vec<_> = item.attrs.extract_if(.., |it| it.path().is_ident("doc")).collect();
    // In front of those of other derives, which may stand behind their derive only.
    attributes.append(&mut item.attrs);
    item.attrs = attributes;
    quote! {
        #(#docs)*
        #[derive(::core::clone::Clone, ::core::cmp::PartialEq, #derives, #krate::Describe)]
        #item
    }
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|it| it.path().is_ident(name))
}

fn has_sorted_map(item: &DeriveInput) -> bool {
    let Data::Struct(data) = &item.data else { return false };
    data.fields.iter().any(|field| inside(peel(&field.ty), "BTreeMap").is_some())
}

/// Refuses what `#[message]` writes and somebody has written already.
pub(super) fn by_hand(item: &DeriveInput, errors: &mut Errors) {
    for attribute in &item.attrs {
        if is_long(attribute) {
            let name = compact(&attribute.path());
            errors.refuse(&attribute.meta, &rules::LONG_FORM, &[&name]);
        }
        for derived in derives(attribute).iter().filter(|it| is_ours(it, item)) {
            errors.refuse(derived, &rules::DERIVED, &[&compact(derived)]);
        }
    }
}

/// Whether an attribute is one that `#[message]` writes.
pub(super) fn is_long(attribute: &Attribute) -> bool {
    attribute.path().is_ident("prost") || attribute.path().is_ident("describe")
}

/// What a `#[derive(…)]` lists.
pub(super) fn derives(attribute: &Attribute) -> Vec<Path> {
    let list = Punctuated::<Path, Token![,]>::parse_terminated;
    let tokens = attribute.meta.require_list().map(|it| it.tokens.clone());
    match tokens {
        Ok(tokens) if attribute.path().is_ident("derive") => {
            list.parse2(tokens).into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether `#[message]` or what it derives implements it.
pub(super) fn is_ours(derived: &Path, item: &DeriveInput) -> bool {
    const OF_ALL: [&str; 7] =
        ["Clone", "PartialEq", "Debug", "Message", "Enumeration", "Oneof", "Describe"];
    const OF_ENUMERATIONS: [&str; 6] = ["Copy", "Default", "Eq", "Hash", "Ord", "PartialOrd"];
    let Some(last) = derived.segments.last() else { return false };
    let of_kind = match &item.data {
        data if crate::describe::is_enumeration(data) => &OF_ENUMERATIONS[..],
        Data::Struct(_) => &["Default"],
        _ => &[],
    };
    OF_ALL.iter().chain(of_kind).any(|it| last.ident == it)
}
