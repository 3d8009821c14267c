//! The keys of `#[rpc_error(…)]`.

use syn::{Attribute, Ident, LitStr, Meta, Path, parse_quote};

use super::key::Key;
use crate::diagnostic::Errors;

/// `#[rpc_error(…)]` on an enum.
#[derive(Default)]
pub(crate) struct ErrorKeys {
    pub(crate) domain: Option<LitStr>,
    krate: Option<Path>,
}

impl ErrorKeys {
    const KNOWN: &'static [&'static str] = &["domain", "crate"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in Key::of_all("#[rpc_error(…)]", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "domain" => keys.domain = key.text(errors),
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

/// `#[rpc_error(…)]` on a variant.
#[derive(Default)]
pub(crate) struct VariantKeys {
    pub(crate) code: Option<(Ident, Meta)>,
    pub(crate) internal: Option<Meta>,
    pub(crate) status: Option<Meta>,
    pub(crate) reason: Option<(LitStr, Meta)>,
}

impl VariantKeys {
    const KNOWN: &'static [&'static str] = &["code", "reason", "internal", "status"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in Key::of_all("#[rpc_error(…)]", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "code" => {
                    let code = key.ident("NotFound", "the name of a code", errors);
                    keys.code = code.zip(Some(key.meta));
                }
                "reason" => keys.reason = key.text(errors).zip(Some(key.meta)),
                "internal" => keys.internal = key.flag(errors).then_some(key.meta),
                _ => keys.status = key.flag(errors).then_some(key.meta),
            }
        }
        keys
    }
}

/// One key of `#[rpc_error(…)]` on the field of a variant.
pub(crate) struct FieldMark {
    pub(crate) name: String,
    /// The text of `send = "…"`.
    pub(crate) text: Option<LitStr>,
    pub(crate) meta: Meta,
}

impl FieldMark {
    const KNOWN: &'static [&'static str] = &["send", "bad_request", "resource_info", "retry_info"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Vec<Self> {
        let mut marks = Vec::new();
        for key in Key::of_all("#[rpc_error(…)]", Self::KNOWN, attributes, errors) {
            let text = match key.name.as_str() {
                "send" => key.flag_or_text(errors),
                _ => {
                    key.flag(errors);
                    None
                }
            };
            marks.push(Self { name: key.name, text, meta: key.meta });
        }
        marks
    }
}
