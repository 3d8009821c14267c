//! Names on the wire: those that were written, and those that follow from names in Rust.

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::Span;
use quote::ToTokens;
use syn::{Ident, LitStr, ext::IdentExt};

use crate::diagnostic::{Errors, rules};

/// A protobuf package.
pub(crate) fn package(written: &LitStr, errors: &mut Errors) -> String {
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

/// A name on the wire that follows from one in Rust, which may have letters that protobuf has not.
pub(crate) fn derived_name(ident: &Ident, name: String, errors: &mut Errors) -> String {
    if !is_identifier(&name) {
        errors.refuse(ident, &rules::NAME, &[&name]);
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

/// A field's name without what JSON leaves out.
pub(crate) fn plain(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}

/// A value's name in languages that put it inside its enumeration, whose name they leave out:
/// `STOCK_SOLD_OUT` of `Stock` is `SoldOut`.
pub(crate) fn inside(enumeration: &str, value: &str) -> String {
    let prefix = plain(enumeration.rsplit('.').next().unwrap_or(enumeration));
    let is_end = |end: &usize| value.is_char_boundary(*end) && plain(&value[..*end]) == prefix;
    let rest = (1..value.len()).rfind(is_end).map_or("", |end| &value[end..]);
    let rest = if plain(rest).is_empty() { value } else { rest };
    let words = rest.split('_').filter(|word| !word.is_empty());
    words.map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|it| it.to_ascii_lowercase())).collect()
}

/// An error's domain: a name as in DNS.
pub(crate) fn domain(written: &LitStr, errors: &mut Errors) -> String {
    let domain = written.value();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() > 253 || !domain.split('.').all(is_label) {
        errors.refuse(written, &rules::DOMAIN, &[&domain]);
    }
    domain
}

/// An error's reason: `[A-Z][A-Z0-9_]+[A-Z0-9]`, as `google.rpc.ErrorInfo` has it.
pub(crate) fn reason(place: impl ToTokens, reason: String, errors: &mut Errors) -> String {
    let is_one = (3..=63).contains(&reason.len())
        && reason.starts_with(|it: char| it.is_ascii_uppercase())
        && !reason.ends_with('_')
        && reason.bytes().all(|it| matches!(it, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    if !is_one {
        errors.refuse(place, &rules::REASON, &[&reason]);
    }
    reason
}

/// A key of an error's metadata: `[a-z][a-zA-Z0-9-_]+`, as `google.rpc.ErrorInfo` has it.
pub(crate) fn metadata_key(place: impl ToTokens, key: String, errors: &mut Errors) -> String {
    let is_one = (2..=64).contains(&key.len())
        && key.starts_with(|it: char| it.is_ascii_lowercase())
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    if !is_one {
        errors.refuse(place, &rules::METADATA_KEY, &[&key]);
    }
    key
}

/// The name of a `.proto` file.
pub(crate) fn file(written: &LitStr, errors: &mut Errors) -> String {
    let file = written.value();
    let is_letter =
        |it: char| !it.is_whitespace() && !it.is_control() && !r#"\:*?"<>|"#.contains(it);
    let parts_are_names = file.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let is_own = file.starts_with("google/protobuf/");
    if !file.ends_with(".proto") || !parts_are_names || !file.chars().all(is_letter) || is_own {
        errors.refuse(written, &rules::FILE, &[&file]);
    }
    file
}

/// How a method's name in Rust becomes its name on the wire.
#[derive(Clone, Copy)]
pub(crate) enum Casing {
    Upper,
    Lower,
    Snake,
}

impl Casing {
    pub(crate) fn read(written: Option<&LitStr>, errors: &mut Errors) -> Self {
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

    pub(crate) fn apply(self, ident: &Ident) -> String {
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

/// `package.Name`, or the name alone where there is no package.
pub(crate) fn full_name(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}
