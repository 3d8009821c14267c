//! From syntax to the model; whatever cannot be a gRPC service is refused here.

mod half_typed;
mod method;
pub(crate) mod rules;
mod shape;

pub(crate) use method::compact;

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Ident, Item, ItemTrait, LitStr, TraitItem, TypeParamBound, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::{
    diagnostic::Errors,
    model::{Service, docs, full_name},
    parse::ServiceKeys,
};

/// Reads a trait. `None` where it is not even a trait.
pub(crate) fn service(
    arguments: TokenStream,
    item: TokenStream,
    halves: Halves,
    errors: &mut Errors,
) -> Option<Service> {
    let keys = ServiceKeys::parse(arguments, errors);
    let mut item = trait_item(item, errors)?;
    private_items(&mut item, errors);
    head(&item, errors);

    let package = package(keys.package.as_ref(), errors);
    let name = match &keys.name {
        Some(written) => identifier(written, errors),
        None => item.ident.unraw().to_string(),
    };
    let file = match &keys.file {
        Some(written) => file(written, errors),
        None => default_file(&package, &item.ident),
    };
    let casing = Casing::read(keys.rename_all.as_ref(), errors);
    let scope =
        Scope { service: full_name(&package, &name), casing, unimplemented: keys.unimplemented };
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
        has_server: halves.server && keys.server.unwrap_or(true),
        has_client: halves.client && keys.client.unwrap_or(true),
        krate: keys.krate(),
        descriptor_set: keys.descriptor_set,
        item,
    })
}

/// The halves that the `traitwire` crate was built with.
#[derive(Clone, Copy)]
pub(crate) struct Halves {
    pub(crate) server: bool,
    pub(crate) client: bool,
}

/// What all methods of a service share.
struct Scope {
    /// `package.Service`.
    service: String,
    casing: Casing,
    unimplemented: bool,
}

fn trait_item(item: TokenStream, errors: &mut Errors) -> Option<ItemTrait> {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(item)) => Some(item),
        Ok(_) => {
            errors.refuse(item, &rules::NOT_A_TRAIT, &[]);
            None
        }
        Err(error) => {
            let read = half_typed::trait_item(item);
            let (item, faults) =
                read.map_or((None, vec![error]), |(it, faults)| (Some(it), faults));
            for fault in faults {
                // The compiler takes a span only with a token.
                errors.refuse(Ident::new("here", fault.span()), &rules::SYNTAX, &[&fault]);
            }
            item
        }
    }
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

/// A protobuf package; `""` where none was written.
pub(crate) fn package(written: Option<&LitStr>, errors: &mut Errors) -> String {
    let Some(written) = written else { return String::new() };
    let package = written.value();
    if !package.split('.').all(is_identifier) {
        errors.refuse(written, &rules::PACKAGE, &[&package]);
    }
    package
}

/// A name on the wire that was written by hand.
pub(crate) fn identifier(written: &LitStr, errors: &mut Errors) -> String {
    let name = written.value();
    if !is_identifier(&name) {
        errors.refuse(written, &rules::NAME, &[&name]);
    }
    name
}

/// A name within a package: `Order`, or `Order.Item` for what is defined inside `Order`.
pub(crate) fn dotted_name(written: &LitStr, errors: &mut Errors) -> String {
    let name = written.value();
    if !name.split('.').all(is_identifier) {
        errors.refuse(written, &rules::NAME, &[&name]);
    }
    name
}

/// A protobuf identifier: a letter or `_`, then letters, digits and `_`, in ASCII.
fn is_identifier(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// The name of a `.proto` file.
pub(crate) fn file(written: &LitStr, errors: &mut Errors) -> String {
    let file = written.value();
    let is_relative = !file.starts_with('/') && !file.contains('\\');
    let parts_are_names = file.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !(file.ends_with(".proto") && is_relative && parts_are_names) {
        errors.refuse(written, &rules::FILE, &[&file]);
    }
    file
}

/// `a.b.v1` is declared in `a/b/v1.proto`, and a service without a package in a file of its name.
fn default_file(package: &str, ident: &Ident) -> String {
    if package.is_empty() {
        format!("{}.proto", ident.unraw().to_string().to_snake_case())
    } else {
        format!("{}.proto", package.replace('.', "/"))
    }
}

/// How a method's name in Rust becomes its name on the wire.
#[derive(Clone, Copy)]
enum Casing {
    Upper,
    Lower,
    Snake,
}

impl Casing {
    fn read(written: Option<&LitStr>, errors: &mut Errors) -> Self {
        match written.map(LitStr::value).as_deref() {
            None | Some("PascalCase") => Self::Upper,
            Some("camelCase") => Self::Lower,
            Some("snake_case") => Self::Snake,
            Some(other) => {
                errors.refuse(written, &rules::RENAME_ALL, &[&other]);
                Self::Upper
            }
        }
    }

    fn apply(self, ident: &Ident) -> String {
        let ident = ident.unraw().to_string();
        match self {
            Self::Upper => ident.to_upper_camel_case(),
            Self::Lower => ident.to_lower_camel_case(),
            Self::Snake => ident.to_snake_case(),
        }
    }
}

/// The name of the descriptor's static: `OrderManagement` gives `ORDER_MANAGEMENT`.
pub(crate) fn static_name(ident: &Ident) -> Ident {
    let place = Span::call_site().located_at(ident.span());
    Ident::new(&ident.unraw().to_string().to_shouty_snake_case(), place)
}
