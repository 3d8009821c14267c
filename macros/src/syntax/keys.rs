//! Tokens to syntax: the keys of the attributes, each with its span.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, LitStr, Meta, Path, parse_quote};

use super::{attributes::conditional, key::Key};
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
            errors.refuse(attribute, &rules::CONDITIONAL, &[&"rpc", &"method"]);
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
        Self::of(Key::of_all("describe", Self::KNOWN, attributes, errors), errors)
    }

    /// Those of `#[message(…)]`, which are the same.
    pub(crate) fn of_message(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut list = Vec::new();
        Key::list("message", Self::KNOWN, tokens, &mut list, errors);
        Self::of(list, errors)
    }

    /// The path of the `traitwire` crate.
    pub(crate) fn krate(&self) -> Path {
        self.krate.clone().unwrap_or_else(|| parse_quote!(::traitwire))
    }

    fn of(list: Vec<Key>, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in list {
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
