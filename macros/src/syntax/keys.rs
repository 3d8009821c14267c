//! Tokens to syntax: the keys of the attributes, each with its span.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Token, parse::Parser, parse_quote,
    punctuated::Punctuated,
};

use super::attributes::conditional;
use crate::{
    diagnostic::{Errors, rules},
    names,
};

/// `#[service(…)]`.
#[derive(Default)]
pub(crate) struct ServiceKeys {
    pub(crate) package: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) file: Option<LitStr>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) unimplemented: bool,
    pub(crate) server: Option<bool>,
    pub(crate) client: Option<bool>,
    pub(crate) descriptor_set: Option<Expr>,
    pub(crate) krate: Option<Path>,
}

impl ServiceKeys {
    const KNOWN: &'static [&'static str] = &[
        "package",
        "name",
        "rename_all",
        "file",
        "unimplemented",
        "server",
        "client",
        "descriptor_set",
        "crate",
    ];

    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        let mut list = Vec::new();
        Key::list("service", Self::KNOWN, tokens, &mut list, errors);
        for key in list {
            match key.name.as_str() {
                "package" => keys.package = key.text(errors),
                "name" => keys.name = key.text(errors),
                "file" => keys.file = key.text(errors),
                "rename_all" => keys.rename_all = key.text(errors),
                "unimplemented" => keys.unimplemented = key.flag(errors),
                "server" => keys.server = key.switch(errors),
                "client" => keys.client = key.switch(errors),
                "descriptor_set" => keys.descriptor_set = key.expression(errors),
                _ => keys.krate = key.path(errors),
            }
        }
        keys
    }

    /// The path of the `traitwire` crate.
    pub(crate) fn krate(&self) -> Path {
        self.krate.clone().unwrap_or_else(|| parse_quote!(::traitwire))
    }
}

/// `#[rpc(…)]`.
#[derive(Default)]
pub(crate) struct RpcKeys {
    pub(crate) name: Option<LitStr>,
    pub(crate) unimplemented: Option<Path>,
}

impl RpcKeys {
    const KNOWN: &'static [&'static str] = &["name", "unimplemented"];

    /// Takes the `#[rpc(…)]` attributes out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        let is_conditional = |it: &mut Attribute| conditional(it, "rpc");
        for attribute in attributes.extract_if(.., is_conditional) {
            errors.refuse(attribute, &rules::CONDITIONAL_RPC, &[]);
        }
        for key in Key::of_all("rpc", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "name" => keys.name = key.text(errors),
                _ if key.flag(errors) => keys.unimplemented = Some(key.meta.path().clone()),
                _ => {}
            }
        }
        attributes.retain(|it| !it.path().is_ident("rpc"));
        keys
    }
}

/// `#[describe(…)]` on a type.
#[derive(Default)]
pub(crate) struct DescribeKeys {
    pub(crate) package: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) file: Option<LitStr>,
    /// `reserved(…)`
    pub(crate) reserved: Option<Meta>,
    pub(crate) krate: Option<Path>,
}

impl DescribeKeys {
    const KNOWN: &'static [&'static str] = &["package", "name", "file", "reserved", "crate"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in Key::of_all("describe", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "package" => keys.package = key.text(errors),
                "name" => keys.name = key.text(errors),
                "file" => keys.file = key.text(errors),
                "reserved" => keys.reserved = Some(key.meta),
                _ => keys.krate = key.path(errors),
            }
        }
        keys
    }

    /// A oneof is a part of its message, and has no place of its own.
    pub(crate) fn refuse_on_a_oneof(&self, errors: &mut Errors) {
        let texts = [("package", &self.package), ("name", &self.name), ("file", &self.file)];
        for (name, written) in texts {
            if let Some(written) = written {
                errors.refuse(written, &rules::NOT_ON_A_ONEOF, &[&name]);
            }
        }
        if let Some(written) = &self.reserved {
            errors.refuse(written, &rules::NOT_ON_A_ONEOF, &[&"reserved"]);
        }
    }
}

/// `#[describe(…)]` on a field or on the variant of an enum.
#[derive(Default)]
pub(crate) struct MemberKeys {
    pub(crate) name: Option<LitStr>,
    pub(crate) json_name: Option<LitStr>,
}

impl MemberKeys {
    const KNOWN: &'static [&'static str] = &["name", "json_name"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in Key::of_all("describe", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "name" => keys.name = key.text(errors),
                _ => keys.json_name = key.text(errors),
            }
        }
        if let Some(written) = &keys.name {
            names::identifier(written, errors);
        }
        keys
    }
}

/// Takes off the groups without delimiters, which other macros leave around what they insert.
pub(crate) fn without_groups(tokens: TokenStream) -> TokenStream {
    let flat = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            without_groups(group.stream())
        }
        TokenTree::Group(group) => {
            let mut flat = Group::new(group.delimiter(), without_groups(group.stream()));
            flat.set_span(group.span());
            TokenTree::from(flat).into()
        }
        token => token.into(),
    };
    tokens.into_iter().flat_map::<TokenStream, _>(flat).collect()
}

/// One `key` or `key = value` of an attribute.
struct Key {
    attribute: &'static str,
    name: String,
    meta: Meta,
}

impl Key {
    /// The keys of every `#[name(…)]` among `attributes`.
    fn of_all(
        name: &'static str,
        known: &[&str],
        attributes: &[Attribute],
        errors: &mut Errors,
    ) -> Vec<Self> {
        let mut keys = Vec::new();
        for attribute in attributes.iter().filter(|it| it.path().is_ident(name)) {
            match &attribute.meta {
                Meta::List(list) => {
                    Self::list(name, known, list.tokens.clone(), &mut keys, errors);
                }
                meta => errors.refuse(meta, &rules::KEYS_EXPECTED, &[&name, &known.join("`, `")]),
            }
        }
        keys
    }

    /// Adds the known keys in `tokens` to `keys`; every other one is refused.
    fn list(
        attribute: &'static str,
        known: &[&str],
        tokens: TokenStream,
        keys: &mut Vec<Self>,
        errors: &mut Errors,
    ) {
        let tokens = without_groups(tokens);
        let parsed = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens.clone());
        let Ok(metas) = parsed else {
            errors.refuse(tokens, &rules::KEYS_EXPECTED, &[&attribute, &known.join("`, `")]);
            return;
        };
        for meta in metas {
            let name = meta.path().to_token_stream().to_string();
            if !known.contains(&name.as_str()) {
                let nearest = nearest(&name, known);
                let known = known.join("`, `");
                errors.refuse(
                    meta.path(),
                    &rules::UNKNOWN_KEY,
                    &[&name, &attribute, &known, &nearest],
                );
            } else if keys.iter().any(|key| key.name == name) {
                errors.refuse(meta.path(), &rules::KEY_TWICE, &[&name]);
            } else {
                keys.push(Self { attribute, name, meta });
            }
        }
    }

    fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) => Some(text.clone()),
            _ => self.wrong(errors, "\"…\"", "a string"),
        }
    }

    fn switch(&self, errors: &mut Errors) -> Option<bool> {
        match self.literal() {
            Some(Lit::Bool(switch)) => Some(switch.value),
            _ => self.wrong(errors, "false", "`true` or `false`"),
        }
    }

    fn path(&self, errors: &mut Errors) -> Option<Path> {
        let Some(Lit::Str(text)) = self.literal() else {
            return self.wrong(errors, "\"…\"", "a path in a string");
        };
        match text.parse() {
            Ok(path) => Some(path),
            Err(_) => self.wrong(errors, "\"my_crate::traitwire\"", "a path in a string"),
        }
    }

    fn expression(&self, errors: &mut Errors) -> Option<Expr> {
        match &self.meta {
            Meta::NameValue(pair) => Some(pair.value.clone()),
            _ => self.wrong(errors, "FILE_DESCRIPTOR_SET", "the bytes of a `FileDescriptorSet`"),
        }
    }

    fn flag(&self, errors: &mut Errors) -> bool {
        let is_flag = matches!(self.meta, Meta::Path(_));
        if !is_flag {
            errors.refuse(&self.meta, &rules::VALUE_NOT_EXPECTED, &[&self.name, &self.attribute]);
        }
        is_flag
    }

    fn literal(&self) -> Option<&Lit> {
        match &self.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(ExprLit { lit, .. }) => Some(lit),
                _ => None,
            },
            _ => None,
        }
    }

    fn wrong<T>(&self, errors: &mut Errors, example: &str, kind: &str) -> Option<T> {
        let Self { attribute, name, meta } = self;
        errors.refuse(meta, &rules::WRONG_VALUE, &[name, &kind, attribute, &example]);
        None
    }
}

/// A second sentence for a misspelled key, when one of the known is near.
pub(crate) fn nearest(name: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|candidate| (strsim::levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len() / 2)
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}
