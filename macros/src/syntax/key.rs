//! One key of an attribute, and the value that it was given.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, MetaNameValue, Path, Token, ext::IdentExt,
    parse::Parser, punctuated::Punctuated,
};

use crate::diagnostic::{Errors, rules};

/// One `key` or `key = value` of an attribute.
pub(crate) struct Key {
    /// The place of the key with `…` for it: `#[rpc(…)]`.
    form: &'static str,
    pub(crate) name: String,
    pub(crate) meta: Meta,
}

impl Key {
    /// The keys of every `#[name(…)]` among `attributes`; `form` is that.
    pub(super) fn of_all(
        form: &'static str,
        known: &[&str],
        attributes: &[Attribute],
        errors: &mut Errors,
    ) -> Vec<Self> {
        let mut keys = Vec::new();
        let is_one = |it: &&Attribute| {
            it.path().get_ident().is_some_and(|name| form == format!("#[{name}(…)]"))
        };
        for attribute in attributes.iter().filter(is_one) {
            match &attribute.meta {
                Meta::List(list) => {
                    Self::list(form, known, list.tokens.clone(), &mut keys, errors);
                }
                meta => keys_expected(meta, form, known, errors),
            }
        }
        keys
    }

    /// Adds the known keys in `tokens` to `keys`; every other one is refused.
    pub(crate) fn list(
        form: &'static str,
        known: &[&str],
        tokens: TokenStream,
        keys: &mut Vec<Self>,
        errors: &mut Errors,
    ) {
        let tokens = without_groups(tokens);
        let parsed = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens.clone());
        let Ok(metas) = parsed else {
            keys_expected(tokens, form, known, errors);
            return;
        };
        for meta in metas {
            let name = meta.path().to_token_stream().to_string();
            if !known.contains(&name.as_str()) {
                let nearest = nearest(&name, known);
                let known = known.join("`, `");
                errors.refuse(meta.path(), &rules::UNKNOWN_KEY, &[&name, &form, &known, &nearest]);
            } else if keys.iter().any(|key| key.name == name) {
                errors.refuse(meta.path(), &rules::KEY_TWICE, &[&name]);
            } else {
                keys.push(Self { form, name, meta });
            }
        }
    }

    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) => Some(text.clone()),
            _ => self.wrong(errors, "\"…\"", "a string"),
        }
    }

    /// The string, where it has one: `key` or `key = "…"`.
    pub(super) fn flag_or_text(&self, errors: &mut Errors) -> Option<LitStr> {
        if matches!(self.meta, Meta::Path(_)) { None } else { self.text(errors) }
    }

    pub(super) fn ident(&self, example: &str, kind: &str, errors: &mut Errors) -> Option<Ident> {
        if let Meta::NameValue(MetaNameValue { value: Expr::Path(path), .. }) = &self.meta
            && let Some(ident) = path.path.get_ident()
        {
            return Some(ident.clone());
        }
        self.wrong(errors, example, kind)
    }

    pub(crate) fn switch(&self, errors: &mut Errors) -> Option<bool> {
        match self.literal() {
            Some(Lit::Bool(switch)) => Some(switch.value),
            _ => self.wrong(errors, "false", "`true` or `false`"),
        }
    }

    /// One of some words.
    pub(super) fn word(&self, words: &[&str], errors: &mut Errors) -> Option<String> {
        match self.literal() {
            Some(Lit::Str(text)) if words.contains(&text.value().as_str()) => Some(text.value()),
            _ => {
                let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                self.wrong(errors, &words[0], &format!("one of `{}`", words.join("`, `")))
            }
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
            let example = self.form.replace('…', &self.name);
            errors.refuse(&self.meta, &rules::VALUE_NOT_EXPECTED, &[&self.name, &example]);
        }
        is_flag
    }

    /// Names and texts: `key(name = "…", other = "…")`.
    pub(super) fn pairs(&self, errors: &mut Errors) -> Vec<(String, String)> {
        let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
        let metas = match &self.meta {
            Meta::List(list) => list.parse_args_with(parser).unwrap_or_default(),
            _ => Punctuated::new(),
        };
        if metas.is_empty() {
            errors.refuse(&self.meta, &rules::ATTRIBUTES_EXPECTED, &[]);
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for meta in metas {
            match (meta.path().get_ident().map(|it| it.unraw().to_string()), literal(&meta)) {
                (Some(name), Some(Lit::Str(_))) if pairs.iter().any(|it| it.0 == name) => {
                    errors.refuse(meta.path(), &rules::KEY_TWICE, &[&name]);
                }
                (Some(name), Some(Lit::Str(text))) => pairs.push((name, text.value())),
                _ => errors.refuse(&meta, &rules::ATTRIBUTES_EXPECTED, &[]),
            }
        }
        pairs
    }

    fn literal(&self) -> Option<&Lit> {
        literal(&self.meta)
    }

    pub(crate) fn wrong<T>(&self, errors: &mut Errors, example: &str, kind: &str) -> Option<T> {
        let Self { form, name, meta } = self;
        let example = form.replace('…', &format!("{name} = {example}"));
        errors.refuse(meta, &rules::WRONG_VALUE, &[name, &kind, &example]);
        None
    }
}

/// The literal behind `key =`.
fn literal(meta: &Meta) -> Option<&Lit> {
    match meta {
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit, .. }), .. }) => Some(lit),
        _ => None,
    }
}

fn keys_expected(tokens: impl ToTokens, form: &'static str, known: &[&str], errors: &mut Errors) {
    let example = form.replace('…', "key = \"value\"");
    errors.refuse(tokens, &rules::KEYS_EXPECTED, &[&form, &example, &known.join("`, `")]);
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
