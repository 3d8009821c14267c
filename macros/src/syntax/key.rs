//! One key of an attribute, and the value that it was given.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Lit, LitStr, Meta, MetaNameValue, Path, Token, parse::Parser,
    punctuated::Punctuated,
};

use crate::diagnostic::{Errors, rules};

/// One `key` or `key = value` of an attribute.
pub(crate) struct Key {
    attribute: &'static str,
    pub(crate) name: String,
    pub(crate) meta: Meta,
}

impl Key {
    /// The keys of every `#[name(…)]` among `attributes`.
    pub(super) fn of_all(
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
    pub(crate) fn list(
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

    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) => Some(text.clone()),
            _ => self.wrong(errors, "\"…\"", "a string"),
        }
    }

    pub(crate) fn switch(&self, errors: &mut Errors) -> Option<bool> {
        match self.literal() {
            Some(Lit::Bool(switch)) => Some(switch.value),
            _ => self.wrong(errors, "false", "`true` or `false`"),
        }
    }

    pub(super) fn path(&self, errors: &mut Errors) -> Option<Path> {
        let Some(Lit::Str(text)) = self.literal() else {
            return self.wrong(errors, "\"…\"", "a path in a string");
        };
        match text.parse() {
            Ok(path) => Some(path),
            Err(_) => self.wrong(errors, "\"my_crate::traitwire\"", "a path in a string"),
        }
    }

    pub(crate) fn type_path(&self, errors: &mut Errors) -> Option<Path> {
        match &self.meta {
            Meta::NameValue(MetaNameValue { value: Expr::Path(path), .. }) => {
                Some(path.path.clone())
            }
            _ => self.wrong(errors, "Kind", "a type"),
        }
    }

    pub(super) fn expression(&self, errors: &mut Errors) -> Option<Expr> {
        match &self.meta {
            Meta::NameValue(pair) => Some(pair.value.clone()),
            _ => self.wrong(errors, "FILE_DESCRIPTOR_SET", "the bytes of a `FileDescriptorSet`"),
        }
    }

    pub(crate) fn flag(&self, errors: &mut Errors) -> bool {
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

    pub(crate) fn wrong<T>(&self, errors: &mut Errors, example: &str, kind: &str) -> Option<T> {
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
