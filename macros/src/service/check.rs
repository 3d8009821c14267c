//! From syntax to the model; whatever cannot be a gRPC service is refused here.

mod borrowed;
mod method;
mod shape;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Ident, Item, ItemTrait, TraitItem, TypeParamBound, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use super::model::Service;
use crate::{
    diagnostic::{Errors, rules},
    names::{Casing, derived_name, file, full_name, identifier, package},
    syntax::{self, ServiceKeys, docs},
};

/// Reads a trait. `None` where it is not even a trait.
pub(crate) fn service(
    arguments: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Option<Service> {
    let keys = ServiceKeys::parse(arguments, errors);
    let mut item = trait_item(item, errors)?;
    private_items(&mut item, errors);
    head(&item, errors);

    let package = keys.package.as_ref().map(|written| package(written, errors));
    let name = match &keys.name {
        Some(written) => identifier(written, errors),
        None => derived_name(&item.ident, item.ident.unraw().to_string(), errors),
    };
    let file = keys.file.as_ref().map(|written| file(written, errors));
    let casing = Casing::read(keys.rename_all.as_ref(), errors);
    let service = full_name(package.as_deref().unwrap_or_default(), &name);
    let scope = Scope { service, casing, unimplemented: keys.unimplemented };
    // The methods of a generic trait cannot be called without its arguments.
    let methods = method::all(&item, &scope, errors);
    let methods = if item.generics.params.is_empty() { methods } else { Vec::new() };

    Some(Service {
        docs: docs(&item.attrs),
        attributes: item.attrs.clone(),
        visibility: item.vis.clone(),
        ident: item.ident.clone(),
        package,
        name,
        file,
        methods,
        has_server: keys.server.unwrap_or(true),
        has_client: keys.client.unwrap_or(true),
        krate: keys.krate(),
        descriptor_set: keys.descriptor_set,
        item,
    })
}

/// What all methods of a service share.
struct Scope {
    /// `package.Service`, for messages.
    service: String,
    casing: Casing,
    unimplemented: bool,
}

fn trait_item(item: TokenStream, errors: &mut Errors) -> Option<ItemTrait> {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(item)) => Some(item),
        Err(error) if has_trait_token(&item) => {
            let read = syntax::trait_item(item);
            let (item, faults) =
                read.map_or((None, vec![error]), |(it, faults)| (Some(it), faults));
            for fault in faults {
                // The compiler takes a span only with a token.
                errors.refuse(
                    Ident::new("here", fault.span()),
                    &rules::SYNTAX,
                    &[&fault, &"trait"],
                );
            }
            item
        }
        // Also where another attribute has copied ours, to a statement for example.
        Ok(_) | Err(_) => {
            errors.refuse(item, &rules::NOT_A_TRAIT, &[]);
            None
        }
    }
}

fn has_trait_token(item: &TokenStream) -> bool {
    item.clone().into_iter().any(|it| matches!(it, TokenTree::Ident(it) if it == "trait"))
}

/// Takes `pub` off the items of the trait.
fn private_items(item: &mut ItemTrait, errors: &mut Errors) {
    for inner in &mut item.items {
        let TraitItem::Verbatim(tokens) = inner else { continue };
        let private = |input: ParseStream<'_>| {
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility: Visibility = input.parse()?;
            let rest: TokenStream = input.parse()?;
            let item: TraitItem = syn::parse2(quote!(#(#attributes)* #rest))?;
            Ok((visibility, item))
        };
        if let Ok((visibility, private)) = private.parse2(tokens.clone())
            && !matches!(visibility, Visibility::Inherited)
        {
            errors.refuse(visibility, &rules::VISIBILITY, &[]);
            *inner = private;
        }
    }
}

/// The trait itself, apart from its items.
fn head(item: &ItemTrait, errors: &mut Errors) {
    if let Some(token) = &item.unsafety {
        errors.refuse(token, &rules::UNSAFE_TRAIT, &[&item.ident]);
    }
    if !item.generics.params.is_empty() {
        errors.refuse(&item.generics, &rules::GENERIC_TRAIT, &[&item.ident]);
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.refuse(clause, &rules::GENERIC_TRAIT, &[&item.ident]);
    }
    for bound in &item.supertraits {
        if !is_implied(bound) {
            errors.refuse(bound, &rules::SUPERTRAIT, &[&bound.to_token_stream()]);
        }
    }
    for other in &item.items {
        match other {
            TraitItem::Fn(_) => {}
            TraitItem::Const(it) => errors.refuse(it, &rules::CONST, &[&it.ident]),
            TraitItem::Type(it) => errors.refuse(it, &rules::TYPE, &[&it.ident]),
            TraitItem::Macro(it) => errors.refuse(it, &rules::MACRO, &[]),
            it => errors.refuse(it, &rules::UNKNOWN_ITEM, &[]),
        }
    }
}

/// Whether every service has this bound anyway.
pub(crate) fn is_implied(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|it| it.ident == "Send" || it.ident == "Sync")
        }
        _ => false,
    }
}
