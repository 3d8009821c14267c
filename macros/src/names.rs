//! Names on the wire: those that were written, and those that follow from names in Rust.

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::Span;
use syn::{Ident, LitStr, ext::IdentExt};

use crate::diagnostic::{Errors, rules};

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
pub(crate) fn default_file(package: &str, ident: &Ident) -> String {
    if package.is_empty() {
        format!("{}.proto", ident.unraw().to_string().to_snake_case())
    } else {
        format!("{}.proto", package.replace('.', "/"))
    }
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
