//! `#[tag(1, sint32, name = "id")]` and `#[oneof(4, 5)]` to syntax.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, LitInt, LitStr, Meta, Path, Token, UnOp,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

use super::sent::Sent;
use crate::{
    describe::Scalar,
    diagnostic::{Errors, rules},
    syntax::{Key, compact, without_groups},
};

/// The keys beside the words for types.
const KEYS: [&str; 7] = ["required", "packed", "default", "name", "json_name", "jstype", "ctype"];

/// What one `#[tag(…)]` or `#[oneof(…)]` says.
pub(super) struct Tag {
    /// The attribute.
    pub(super) meta: Meta,
    /// As they are written: `describe` reads them.
    pub(super) numbers: Vec<LitStr>,
    pub(super) word: Option<Written>,
    /// `required`, `packed = …` and `default = …`, as prost has them.
    pub(super) keys: Vec<TokenStream>,
    /// `name = "…"`, `json_name = "…"`, `jstype = "…"` and `ctype = "…"`, as `describe` has them.
    pub(super) names: Vec<Meta>,
    /// Whether something in it was refused.
    pub(super) has_faults: bool,
}

/// A word for a type, with the tokens that say it.
pub(super) struct Written {
    pub(super) word: Word,
    pub(super) meta: Meta,
}

/// How a value is sent, where the Rust type does not say it.
pub(super) enum Word {
    One(Sent),
    /// `map(key, value)`
    Map(Sent, Sent),
}

impl Tag {
    /// The words of `attribute`, of which it may have those that `known` picks.
    pub(super) fn parse(attribute: &Attribute, known: Known, errors: &mut Errors) -> Self {
        let before = errors.len();
        let mut tag = Self {
            meta: attribute.meta.clone(),
            numbers: Vec::new(),
            word: None,
            keys: Vec::new(),
            names: Vec::new(),
            has_faults: false,
        };
        let known = known.keys();
        let attribute = known.attribute;
        let list = match &tag.meta {
            Meta::List(list) => parts.parse2(without_groups(list.tokens.clone())).ok(),
            Meta::Path(_) => Some(Default::default()),
            Meta::NameValue(_) => None,
        };
        let Some((numbers, rest)) = list else {
            errors.refuse(&tag.meta, &rules::TAG_SYNTAX, &[&attribute, &known.list()]);
            return Self { has_faults: true, ..tag };
        };
        tag.numbers = numbers;
        let mut keys = Vec::new();
        Key::list(known.form, &known.names, rest, &mut keys, errors);
        for key in keys {
            tag.key(&key, errors);
        }
        tag.has_faults = errors.len() > before;
        tag
    }

    fn key(&mut self, key: &Key, errors: &mut Errors) {
        let meta = key.meta.to_token_stream();
        match key.name.as_str() {
            "name" | "json_name" | "jstype" | "ctype" => {
                if key.text(errors).is_some() {
                    self.names.push(key.meta.clone());
                }
            }
            "packed" if key.switch(errors).is_some() => self.keys.push(meta),
            "required" if key.flag(errors) => self.keys.push(meta),
            "default" => self.keys.extend(default(key, errors)),
            "packed" | "required" => {}
            _ => self.word(key, errors),
        }
    }

    fn word(&mut self, key: &Key, errors: &mut Errors) {
        let word = match key.name.as_str() {
            "map" => map(&key.meta, errors),
            "enumeration" => key.type_path(errors).map(|it| Word::One(Sent::Enumeration(it))),
            "message" => key.flag(errors).then_some(Word::One(Sent::Message { boxed: false })),
            name => Scalar::find(name)
                .filter(|_| key.flag(errors))
                .map(|scalar| Word::One(Sent::Scalar(scalar.name))),
        };
        let meta = key.meta.clone();
        match (word, &self.word) {
            (Some(_), Some(first)) => {
                let texts = [compact(&meta), compact(&first.meta)];
                errors.refuse(meta, &rules::CONTRADICTION, &[&texts[0], &texts[1]]);
            }
            (word, None) => self.word = word.map(|word| Written { word, meta }),
            (None, Some(_)) => {}
        }
    }
}

/// The keys that an attribute may have.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// Of a field, or of the variant of a oneof.
    Field,
    /// Of the field of a message that holds a oneof.
    Oneof,
    /// Of the value of an enumeration.
    Value,
}

struct Keys {
    attribute: &'static str,
    /// The attribute as it is written.
    form: &'static str,
    names: Vec<&'static str>,
}

impl Known {
    fn keys(self) -> Keys {
        let words = Scalar::ALL.iter().map(|it| it.name).chain(["message", "enumeration", "map"]);
        let (attribute, form, names) = match self {
            Self::Field => ("tag", "#[tag(…)]", words.chain(KEYS).collect()),
            Self::Oneof => ("oneof", "#[oneof(…)]", vec!["name", "json_name"]),
            Self::Value => ("tag", "#[tag(…)]", vec!["name", "json_name"]),
        };
        Keys { attribute, form, names }
    }
}

impl Keys {
    fn list(&self) -> String {
        self.names.join("`, `")
    }
}

/// The numbers in front, and the keys behind them.
fn parts(input: ParseStream<'_>) -> syn::Result<(Vec<LitStr>, TokenStream)> {
    let mut numbers = Vec::new();
    while input.peek(LitInt) || input.peek(Token![-]) {
        let minus: Option<Token![-]> = input.parse()?;
        let number: LitInt = input.parse()?;
        let sign = if minus.is_some() { "-" } else { "" };
        // One that is longer than any number is refused for its size.
        let size: i64 = number.base10_parse().unwrap_or(i64::MAX);
        numbers.push(LitStr::new(&format!("{sign}{size}"), number.span()));
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let rest: TokenStream = input.parse()?;
    Punctuated::<Meta, Token![,]>::parse_terminated.parse2(rest.clone())?;
    Ok((numbers, rest))
}

/// `default = …` as prost takes it: a negative number stands in a string.
fn default(key: &Key, errors: &mut Errors) -> Option<TokenStream> {
    let negative = match &key.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(_) => None,
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
                Expr::Lit(ExprLit { lit: Lit::Int(it), .. }) => Some(it.base10_digits().to_owned()),
                Expr::Lit(ExprLit { lit: Lit::Float(it), .. }) => {
                    Some(it.base10_digits().to_owned())
                }
                _ => return key.wrong(errors, "7", "a literal"),
            },
            _ => return key.wrong(errors, "7", "a literal"),
        },
        _ => return key.wrong(errors, "7", "a literal"),
    };
    let meta = &key.meta;
    Some(match negative {
        Some(digits) => {
            let text = format!("-{digits}");
            quote_spanned!(meta.span()=> default = #text)
        }
        None => meta.to_token_stream(),
    })
}

/// `map(sint32, enumeration = Kind)`.
fn map(meta: &Meta, errors: &mut Errors) -> Option<Word> {
    let read = match meta {
        Meta::List(list) => list.parse_args_with(pair).ok(),
        _ => None,
    };
    if read.is_none() {
        errors.refuse(meta, &rules::MAP, &[&compact(meta)]);
    }
    read
}

fn pair(input: ParseStream<'_>) -> syn::Result<Word> {
    let no_word = |span: Span| syn::Error::new(span, "no word for a type");
    let key: Ident = input.parse()?;
    let scalar = Scalar::find(&key.to_string()).filter(|it| it.is_map_key());
    let scalar = scalar.ok_or_else(|| no_word(key.span()))?;
    input.parse::<Token![,]>()?;
    let value: Ident = input.parse()?;
    let value = match value.to_string().as_str() {
        "enumeration" => {
            input.parse::<Token![=]>()?;
            Sent::Enumeration(Path::parse(input)?)
        }
        "message" => Sent::Message { boxed: false },
        name => Sent::Scalar(Scalar::find(name).ok_or_else(|| no_word(value.span()))?.name),
    };
    Ok(Word::Map(Sent::Scalar(scalar.name), value))
}
