//! `#[prost(…)]` to syntax: each key with the tokens that it was written with.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitInt, Meta, MetaNameValue, Path, Token,
    parse::{Parse, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

use super::model::Scalar;
use crate::{
    diagnostic::{Errors, rules},
    syntax::{compact, nearest, without_groups},
};

/// All keys that a field may have beside its type.
const KEYS: [&str; 8] =
    ["optional", "required", "repeated", "tag", "tags", "packed", "default", "boxed"];

/// The types that are no scalars.
const TYPES: [&str; 6] = ["enumeration", "message", "map", "hash_map", "btree_map", "oneof"];

/// A value with the tokens that say it.
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) meta: Meta,
}

/// The type of a field.
pub(crate) enum Ty {
    Scalar(Scalar),
    Enumeration(Path),
    Message,
    Map(Scalar, Box<Ty>),
    Oneof(Path),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Optional,
    Required,
    Repeated,
}

/// What the `#[prost(…)]` attributes of one field say.
#[derive(Default)]
pub(crate) struct Prost {
    /// Whether there is one at all.
    pub(crate) is_there: bool,
    /// Whether something in it was refused, so that what is missing is no further fault.
    pub(crate) has_faults: bool,
    pub(crate) ty: Option<Written<Ty>>,
    pub(crate) label: Option<Written<Word>>,
    pub(crate) tag: Option<Written<i64>>,
    pub(crate) tags: Option<Written<Vec<i64>>>,
    pub(crate) packed: Option<Written<bool>>,
    pub(crate) default: Option<Written<Lit>>,
    pub(crate) boxed: Option<Written<()>>,
}

impl Prost {
    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        let before = errors.len();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("prost")) {
            keys.is_there = true;
            let keys_of = Punctuated::<Meta, Token![,]>::parse_terminated;
            let list = attribute.meta.require_list();
            match list.and_then(|list| keys_of.parse2(without_groups(list.tokens.clone()))) {
                Ok(metas) => metas.into_iter().for_each(|meta| keys.key(meta, errors)),
                Err(_) => errors.refuse(&attribute.meta, &rules::PROST_KEYS, &[]),
            }
        }
        keys.has_faults = errors.len() > before;
        keys
    }

    fn key(&mut self, meta: Meta, errors: &mut Errors) {
        let name = meta.path().to_token_stream().to_string();
        match name.as_str() {
            "optional" => put(&mut self.label, Some(Word::Optional), meta, errors),
            "required" => put(&mut self.label, Some(Word::Required), meta, errors),
            "repeated" => put(&mut self.label, Some(Word::Repeated), meta, errors),
            "boxed" => put(&mut self.boxed, Some(()), meta, errors),
            "tag" => put(&mut self.tag, number(&meta), meta, errors),
            "tags" => put(&mut self.tags, numbers(&meta), meta, errors),
            "packed" => put(&mut self.packed, switch(&meta), meta, errors),
            "default" => put(&mut self.default, literal(&meta).cloned(), meta, errors),
            "group" => errors.refuse(meta, &rules::GROUP, &[]),
            _ => match Ty::read(&name, &meta) {
                Some(ty) => put(&mut self.ty, ty, meta, errors),
                None => {
                    let scalars = Scalar::ALL.iter().map(|scalar| scalar.name);
                    let known: Vec<_> = scalars.chain(TYPES).chain(KEYS).collect();
                    let near = nearest(&name, &known);
                    errors.refuse(
                        meta.path(),
                        &rules::UNKNOWN_KEY,
                        &[&name, &"#[prost(…)]", &known.join("`, `"), &near],
                    );
                }
            },
        }
    }
}

/// Takes a value once; `None` is one that could not be read.
fn put<T>(slot: &mut Option<Written<T>>, value: Option<T>, meta: Meta, errors: &mut Errors) {
    match (value, &slot) {
        (None, _) => errors.refuse(&meta, &rules::PROST_VALUE, &[&text(&meta)]),
        (Some(_), Some(first)) => {
            errors.refuse(&meta, &rules::CONTRADICTION, &[&text(&meta), &text(&first.meta)]);
        }
        (Some(value), None) => *slot = Some(Written { value, meta }),
    }
}

impl Ty {
    /// `None` for a key that is no type, `Some(None)` for one that cannot be read.
    fn read(name: &str, meta: &Meta) -> Option<Option<Self>> {
        Some(match (name, meta) {
            ("bytes", Meta::NameValue(_)) => string(meta)
                .filter(|kind| matches!(kind.as_str(), "vec" | "bytes"))
                .and_then(|_| Scalar::find("bytes"))
                .map(Self::Scalar),
            ("enumeration", _) => path(meta).map(Self::Enumeration),
            ("oneof", _) => path(meta).map(Self::Oneof),
            ("message", Meta::Path(_)) => Some(Self::Message),
            ("map" | "hash_map" | "btree_map", _) => Self::map(meta),
            (_, Meta::Path(_)) => Some(Self::Scalar(Scalar::find(name)?)),
            _ => Scalar::find(name).map(|_| None)?,
        })
    }

    /// `map = "key, value"` or `map(key, value)`.
    fn map(meta: &Meta) -> Option<Self> {
        let (key, value) = match meta {
            Meta::List(list) => {
                let names =
                    list.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated).ok()?;
                let mut names = names.iter().map(ToString::to_string);
                (names.next()?, names.next()?)
            }
            _ => {
                let written = string(meta)?;
                let (key, value) = written.split_once(',')?;
                (key.trim().to_owned(), value.trim().to_owned())
            }
        };
        let key = Scalar::find(&key).filter(|key| key.is_map_key())?;
        let value = match value.strip_prefix("enumeration(").and_then(|it| it.strip_suffix(')')) {
            Some(path) => {
                Self::Enumeration(respanned(syn::parse_str(path.trim()).ok()?, meta.span()))
            }
            None if value == "message" => Self::Message,
            None => Self::Scalar(Scalar::find(&value)?),
        };
        Some(Self::Map(key, Box::new(value)))
    }
}

/// The attribute as people write it.
pub(crate) fn text(meta: &Meta) -> String {
    compact(meta)
}

fn literal(meta: &Meta) -> Option<&Lit> {
    match meta {
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit, .. }), .. }) => Some(lit),
        _ => None,
    }
}

fn string(meta: &Meta) -> Option<String> {
    match literal(meta)? {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// `key(value)`.
fn argument<T: Parse>(meta: &Meta) -> Option<T> {
    match meta {
        Meta::List(list) => list.parse_args().ok(),
        _ => None,
    }
}

/// `key = "a::Path"` or `key(a::Path)`; the spans are those of what was written.
fn path(meta: &Meta) -> Option<Path> {
    match literal(meta) {
        Some(Lit::Str(text)) => text.parse().ok(),
        _ => argument(meta),
    }
}

/// A path that was cut out of a string, with the span of the string.
fn respanned(path: Path, span: Span) -> Path {
    let tokens: TokenStream = path.to_token_stream();
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    syn::parse2(tokens.collect()).unwrap_or(path)
}

/// `key = "1"`, `key = 1` or `key(1)`.
fn number(meta: &Meta) -> Option<i64> {
    match literal(meta) {
        Some(Lit::Str(text)) => text.value().trim().parse().ok(),
        Some(Lit::Int(number)) => number.base10_parse().ok(),
        Some(_) => None,
        None => argument::<LitInt>(meta)?.base10_parse().ok(),
    }
}

/// `key = "1, 2"` or `key(1, 2)`.
fn numbers(meta: &Meta) -> Option<Vec<i64>> {
    match meta {
        Meta::List(list) => {
            let numbers =
                list.parse_args_with(Punctuated::<LitInt, Token![,]>::parse_terminated).ok()?;
            numbers.iter().map(|it| it.base10_parse().ok()).collect()
        }
        _ => string(meta)?.split(',').map(|it| it.trim().parse().ok()).collect(),
    }
}

/// `key`, `key = "true"`, `key = true` or `key(true)`.
fn switch(meta: &Meta) -> Option<bool> {
    match (meta, literal(meta)) {
        (Meta::Path(_), _) => Some(true),
        (_, Some(Lit::Str(text))) => text.value().parse().ok(),
        (_, Some(Lit::Bool(switch))) => Some(switch.value),
        _ => argument::<syn::LitBool>(meta).map(|switch| switch.value),
    }
}
