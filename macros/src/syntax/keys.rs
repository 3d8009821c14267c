//! Tokens to syntax: the keys of the attributes, each with its span.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, LitStr, Meta, Path, Token,
    parse::{ParseStream, Parser},
    parse_quote,
};

use super::{
    attributes::conditional,
    key::{Key, without_groups},
};
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
        Key::list("#[service(…)]", Self::KNOWN, tokens, &mut list, errors);
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
    /// `NO_SIDE_EFFECTS` or `IDEMPOTENT`.
    pub(crate) idempotency: Option<String>,
    /// `attr(…)`: names and texts.
    pub(crate) attributes: Vec<(String, String)>,
}

impl RpcKeys {
    const KNOWN: &'static [&'static str] = &["name", "unimplemented", "idempotency", "attr"];

    const IDEMPOTENCY: &'static [&'static str] = &["NO_SIDE_EFFECTS", "IDEMPOTENT"];

    /// Takes the `#[rpc(…)]` attributes out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        let is_conditional = |it: &mut Attribute| conditional(it, "rpc");
        for attribute in attributes.extract_if(.., is_conditional) {
            errors.refuse(attribute, &rules::CONDITIONAL, &[&"rpc", &"method"]);
        }
        for key in Key::of_all("#[rpc(…)]", Self::KNOWN, attributes, errors) {
            match key.name.as_str() {
                "name" => keys.name = key.text(errors),
                "idempotency" => keys.idempotency = key.word(Self::IDEMPOTENCY, errors),
                "attr" => keys.attributes = key.pairs(errors),
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
        Self::of(Key::of_all("#[describe(…)]", Self::KNOWN, attributes, errors), errors)
    }

    /// Those of `#[message(…)]`, which are the same.
    pub(crate) fn of_message(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut list = Vec::new();
        Key::list("#[message(…)]", Self::KNOWN, tokens, &mut list, errors);
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
    pub(crate) jstype: Option<(Meta, String)>,
    pub(crate) ctype: Option<(Meta, String)>,
}

impl MemberKeys {
    const KNOWN: &'static [&'static str] = &["name", "json_name", "jstype", "ctype"];

    pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for key in Key::of_all("#[describe(…)]", Self::KNOWN, attributes, errors) {
            let mut word = |words| key.word(words, errors).map(|word| (key.meta.clone(), word));
            match key.name.as_str() {
                "jstype" => keys.jstype = word(&["JS_STRING", "JS_NUMBER", "JS_NORMAL"]),
                "ctype" => keys.ctype = word(&["CORD", "STRING_PIECE", "STRING"]),
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

/// `package!(…)`.
pub(crate) struct PackageKeys {
    pub(crate) package: Option<LitStr>,
    pub(crate) file: Option<LitStr>,
    pub(crate) options: Vec<(String, OptionValue)>,
    pub(crate) krate: Path,
}

/// The value of an option of protobuf.
pub(crate) enum OptionValue {
    Flag(bool),
    Word(String),
    Text(String),
}

impl PackageKeys {
    const KNOWN: &'static [&'static str] = &[
        "file",
        "java_package",
        "java_outer_classname",
        "java_multiple_files",
        "java_string_check_utf8",
        "optimize_for",
        "go_package",
        "cc_generic_services",
        "java_generic_services",
        "py_generic_services",
        "deprecated",
        "cc_enable_arenas",
        "objc_class_prefix",
        "csharp_namespace",
        "swift_prefix",
        "php_class_prefix",
        "php_namespace",
        "php_metadata_namespace",
        "ruby_package",
        "crate",
    ];

    const FLAGS: &'static [&'static str] = &[
        "java_multiple_files",
        "java_string_check_utf8",
        "cc_generic_services",
        "java_generic_services",
        "py_generic_services",
        "deprecated",
        "cc_enable_arenas",
    ];

    pub(crate) fn parse(line: TokenStream, errors: &mut Errors) -> Self {
        let line = without_groups(line);
        let head = |input: ParseStream<'_>| {
            let package: LitStr = input.parse()?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
            Ok((package, input.parse::<TokenStream>()?))
        };
        let (package, rest) = match head.parse2(line.clone()) {
            Ok((package, rest)) => (Some(package), rest),
            Err(_) => {
                errors.refuse(line, &rules::PACKAGE_FIRST, &[]);
                (None, TokenStream::new())
            }
        };
        let (mut file, mut krate, mut options) = (None, None, Vec::new());
        let mut list = Vec::new();
        Key::list("package!(\"shop.v1\", …)", Self::KNOWN, rest, &mut list, errors);
        for key in list {
            let value = match key.name.as_str() {
                "file" => {
                    file = key.text(errors);
                    continue;
                }
                "crate" => {
                    krate = key.path(errors);
                    continue;
                }
                "optimize_for" => {
                    let words = ["SPEED", "CODE_SIZE", "LITE_RUNTIME"];
                    key.word(&words, errors).map(OptionValue::Word)
                }
                name if Self::FLAGS.contains(&name) => key.switch(errors).map(OptionValue::Flag),
                _ => key.text(errors).map(|text| OptionValue::Text(text.value())),
            };
            options.extend(value.map(|value| (key.name, value)));
        }
        let krate = krate.unwrap_or_else(|| parse_quote!(::traitwire));
        Self { package, file, options, krate }
    }
}
