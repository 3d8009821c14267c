//! Comments, by what they belong to.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

/// The comments of a file, by the full names of what they belong to.
pub(crate) fn comments(file: &FileDescriptorProto) -> BTreeMap<String, String> {
    let names = paths(file);
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let said = locations.filter_map(|location| {
        let around = [&location.leading_comments, &location.trailing_comments];
        let texts: Vec<_> = around.into_iter().flatten().map(|it| text(it)).collect();
        Some((names.get(&location.path)?.clone(), texts.join("\n\n"))).filter(|it| !it.1.is_empty())
    });
    said.collect()
}

/// The full names of all that a file defines.
pub(crate) fn names(file: &FileDescriptorProto) -> BTreeSet<String> {
    paths(file).into_values().collect()
}

/// The names of definitions, by their paths.
fn paths(file: &FileDescriptorProto) -> BTreeMap<Vec<i32>, String> {
    let mut names: BTreeMap<Vec<i32>, String> = BTreeMap::new();
    for (index, it) in (0..).zip(&file.message_type) {
        message_names(&[4, index], "", it, &mut names);
    }
    for (index, it) in (0..).zip(&file.enum_type) {
        enum_names(&[5, index], "", it, &mut names);
    }
    for (index, service) in (0..).zip(&file.service) {
        names.insert(vec![6, index], service.name().to_owned());
        for (inner, method) in (0..).zip(&service.method) {
            names.insert(vec![6, index, 2, inner], format!("{}.{}", service.name(), method.name()));
        }
    }
    names
}

fn text(comment: &str) -> String {
    let comment = comment.strip_prefix('*').unwrap_or(comment);
    let lines = comment.lines().map(|it| it.strip_prefix(' ').unwrap_or(it).trim_end());
    // Fences may be new.
    let lines = lines.filter(|it| !it.trim_start().starts_with("```"));
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

fn message_names(
    path: &[i32],
    scope: &str,
    it: &DescriptorProto,
    names: &mut BTreeMap<Vec<i32>, String>,
) {
    let name = format!("{scope}.{}", it.name());
    for (index, inner) in (0..).zip(&it.nested_type) {
        message_names(&[path, &[3, index]].concat(), &name, inner, names);
    }
    for (index, inner) in (0..).zip(&it.enum_type) {
        enum_names(&[path, &[4, index]].concat(), &name, inner, names);
    }
    for (index, field) in (0..).zip(&it.field) {
        names.insert([path, &[2, index]].concat(), format!("{name}.{}", field.name()));
    }
    for (index, oneof) in (0..).zip(&it.oneof_decl) {
        names.insert([path, &[8, index]].concat(), format!("{name}.{}", oneof.name()));
    }
    names.insert(path.to_vec(), name);
}

fn enum_names(
    path: &[i32],
    scope: &str,
    it: &EnumDescriptorProto,
    names: &mut BTreeMap<Vec<i32>, String>,
) {
    let name = format!("{scope}.{}", it.name());
    for (index, value) in (0..).zip(&it.value) {
        names.insert([path, &[2, index]].concat(), format!("{name}.{}", value.name()));
    }
    names.insert(path.to_vec(), name);
}
