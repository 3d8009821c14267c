//! Names in Rust for names in protobuf.

use std::collections::HashSet;

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Keywords of every edition, with those that are reserved.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// A name with which nothing else can be meant: a keyword raw, or with a `_` where it cannot be.
pub(crate) fn escaped(name: &str) -> String {
    match name {
        "self" | "super" | "crate" | "Self" | "_" => format!("{name}_"),
        _ if KEYWORDS.contains(&name) => format!("r#{name}"),
        _ => name.to_owned(),
    }
}

/// The name of a field or of a module: as it is, where it is in Rust's casing.
pub(crate) fn snake(name: &str) -> String {
    let is_snake = !name.trim_matches('_').contains("__")
        && !name.chars().any(|letter| letter.is_ascii_uppercase());
    let name = if is_snake { name.to_owned() } else { name.to_snake_case() };
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => escaped(&name),
        None => escaped("_"),
    }
}

/// The name of a type: as it is, where it is in Rust's casing.
pub(crate) fn camel(name: &str) -> String {
    let is_camel =
        name.starts_with(|letter: char| letter.is_ascii_uppercase()) && !name.contains('_');
    let name = if is_camel { name.to_owned() } else { name.to_upper_camel_case() };
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("N{name}"),
        Some(_) => escaped(&name),
        None => "N".to_owned(),
    }
}

/// The name of a method: never that of a method that every client has.
pub(crate) fn method(name: &str) -> String {
    const TAKEN: &[&str] =
        &["boxed", "clone", "connect", "in_process", "into", "new", "to_owned", "try_into", "with"];
    let snake = snake(&name.to_snake_case());
    if TAKEN.contains(&snake.as_str()) { format!("{snake}_rpc") } else { snake }
}

/// The variant for the value `name` of the enumeration `ident`, which is `in_proto` in protobuf, and
/// whether its name follows from the variant's.
pub(crate) fn variant(ident: &str, in_proto: &str, name: &str) -> (String, bool) {
    for prefix in [ident, in_proto].map(|it| format!("{}_", it.to_shouty_snake_case())) {
        let variant = name.strip_prefix(&prefix).unwrap_or_default().to_upper_camel_case();
        if variant.starts_with(|letter: char| letter.is_ascii_alphabetic()) && variant != "Self" {
            let derived =
                format!("{}_{}", ident.to_shouty_snake_case(), variant.to_shouty_snake_case());
            return (variant, derived == name);
        }
    }
    (camel(&name.to_upper_camel_case()), false)
}

/// The name that protobuf derives for JSON.
pub(crate) fn json(name: &str) -> String {
    let mut json = String::new();
    let mut upper = false;
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            _ if upper => {
                json.push(letter.to_ascii_uppercase());
                upper = false;
            }
            _ => json.push(letter),
        }
    }
    json
}

/// How a service's method names follow from those in Rust.
#[derive(Clone, Copy)]
pub(crate) enum Casing {
    Pascal,
    Camel,
    Snake,
}

impl Casing {
    const ALL: [Self; 3] = [Self::Pascal, Self::Camel, Self::Snake];

    /// The one that fits most of the methods, each with its ident and its name.
    pub(crate) fn of(methods: &[(String, &str)]) -> Self {
        let fitting =
            |it: &Self| methods.iter().filter(|(ident, name)| it.apply(ident) == *name).count();
        // The first of the best is meant, and `max_by_key` gives the last.
        Self::ALL.into_iter().rev().max_by_key(fitting).unwrap_or(Self::Pascal)
    }

    pub(crate) fn apply(self, ident: &str) -> String {
        let ident = ident.trim_start_matches("r#");
        match self {
            Self::Pascal => ident.to_upper_camel_case(),
            Self::Camel => ident.to_lower_camel_case(),
            Self::Snake => ident.to_snake_case(),
        }
    }

    /// The key that says it, where it is not the usual one.
    pub(crate) fn key(self) -> Option<&'static str> {
        match self {
            Self::Pascal => None,
            Self::Camel => Some("rename_all = \"camelCase\""),
            Self::Snake => Some("rename_all = \"snake_case\""),
        }
    }
}

/// A name that is not among `taken`; it is from now on.
pub(crate) fn free(name: String, taken: &mut HashSet<String>) -> String {
    let plain = name.trim_start_matches("r#").to_owned();
    let numbered = (2..).map(|number| format!("{plain}{number}"));
    let name = std::iter::once(name).chain(numbered).find(|it| !taken.contains(it));
    let name = name.unwrap_or_default();
    taken.insert(name.clone());
    name
}
