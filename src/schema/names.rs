//! Names, and how a name finds what it means.

use std::collections::HashSet;

use super::model::{File, Syntax, Type};
use crate::describe::{Label, Scalar, full_name};

/// The name of a field in JSON, if it has no other: `orders_list` gives `ordersList`.
pub(super) fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            json.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    json
}

/// `order_items` has entries called `OrderItemsEntry`.
pub(super) fn entry_name(field: &str) -> String {
    json_name(&format!("_{field}")) + "Entry"
}

/// The oneof, which nobody sees, of an optional field in proto3.
pub(super) fn synthetic_oneof(field: &str) -> String {
    let mark = if field.starts_with('_') { "X" } else { "_" };
    format!("{mark}{field}")
}

/// Every name that files define.
pub(super) struct Names(HashSet<String>);

impl Names {
    pub(super) fn of(files: &[File]) -> Self {
        let mut names = HashSet::new();
        for file in files {
            let mut package = file.package.as_str();
            while !package.is_empty() {
                names.insert(package.to_owned());
                package = outer(package);
            }
            names.extend(defined(file));
        }
        Self(names)
    }

    /// The shortest name, of those that people write, that means `target` inside `scope`. One that
    /// begins with a word of the language is written in full, with a dot in front.
    pub(super) fn shortest(&self, scope: &str, target: &str, package: &str) -> String {
        let short = self.relative(scope, target, package);
        let first = short.split('.').next().unwrap_or(&short);
        if is_word(first) { format!(".{target}") } else { short }
    }

    fn relative(&self, scope: &str, target: &str, package: &str) -> String {
        let mut from = scope;
        while !from.is_empty() {
            let is_inside = from.len() >= package.len();
            let rest = target.strip_prefix(from).and_then(|rest| rest.strip_prefix('.'));
            if let Some(short) = rest.filter(|_| is_inside)
                && self.means(scope, short, target)
            {
                return short.to_owned();
            }
            from = outer(from);
        }
        if self.means(scope, target, target) { target.to_owned() } else { format!(".{target}") }
    }

    /// Protobuf looks for the first part of a name from the inside outwards, and the first find
    /// decides.
    fn means(&self, scope: &str, name: &str, target: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        let mut from = scope;
        loop {
            if self.0.contains(&full_name(from, first)) {
                return full_name(from, name) == target;
            }
            if from.is_empty() {
                return false;
            }
            from = outer(from);
        }
    }
}

/// Words that mean something else where the name of a type may stand.
fn is_word(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "enum",
        "export",
        "extend",
        "extensions",
        "group",
        "local",
        "map",
        "message",
        "oneof",
        "option",
        "optional",
        "repeated",
        "required",
        "reserved",
        "returns",
        "rpc",
        "service",
        "stream",
    ];
    WORDS.contains(&name) || Scalar::ALL.iter().any(|scalar| scalar.name() == name)
}

/// The full names of all that a file defines, also of methods, fields and values, and of what the
/// compiler makes of fields.
pub(super) fn defined(file: &File) -> Vec<String> {
    let mut names = Vec::new();
    for service in &file.services {
        let scope = full_name(&file.package, &service.name);
        names.extend(service.methods.iter().map(|it| full_name(&scope, &it.name)));
        names.push(scope);
    }
    for (scope, message) in file.all_messages() {
        names.extend(message.fields.iter().map(|it| full_name(&scope, &it.name)));
        names.extend(message.oneofs.iter().map(|it| full_name(&scope, &it.name)));
        for field in &message.fields {
            if matches!(field.ty, Type::Map(..)) {
                names.push(full_name(&scope, &entry_name(&field.name)));
            }
            if field.label == Label::Optional && file.syntax == Syntax::Proto3 {
                names.push(full_name(&scope, &synthetic_oneof(&field.name)));
            }
        }
        names.push(scope);
    }
    for (name, it) in file.all_enums() {
        // Values are named beside their enumeration, not inside it.
        names.extend(it.values.iter().map(|value| full_name(outer(&name), &value.name)));
        names.push(name);
    }
    names
}

/// The scope around a name: `a.b` for `a.b.C`, `""` for `C`.
pub(super) fn outer(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(outer, _)| outer)
}
