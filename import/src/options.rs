//! Options, which custom ones are too.

use protox::prost_reflect::{DynamicMessage, ReflectMessage, Value};

use crate::text::literal;

/// What `package!` has a key for.
pub(crate) const OF_A_FILE: &[&str] = &[
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
];

/// The names of the options that are set, in the order of their numbers.
pub(crate) fn names(options: &DynamicMessage) -> Vec<String> {
    let own = options.fields().map(|(field, _)| field.name().to_owned());
    let custom = options.extensions().map(|(it, _)| format!("({})", it.full_name()));
    let unknown = options.unknown_fields().map(|it| format!("number {}", it.number()));
    own.chain(custom).chain(unknown).collect()
}

/// Those of `known` that are set, as keys.
pub(crate) fn keys(options: &DynamicMessage, known: &[&str]) -> Vec<String> {
    let value = |name: &&str| {
        let field = options.descriptor().get_field_by_name(name)?;
        let value = options.has_field(&field).then(|| options.get_field(&field))?;
        Some(match value.as_ref() {
            Value::String(text) => format!("{name} = {}", literal(text)),
            Value::EnumNumber(_) => format!("{name} = {}", literal(&word(options, name)?)),
            value => format!("{name} = {value}"),
        })
    };
    known.iter().filter_map(value).collect()
}

/// The name of the value of an option that is an enumeration.
pub(crate) fn word(options: &DynamicMessage, name: &str) -> Option<String> {
    let field = options.descriptor().get_field_by_name(name)?;
    let number = options.get_field(&field).as_enum_number()?;
    let kind = field.kind();
    Some(kind.as_enum()?.get_value(number)?.name().to_owned())
}

/// Whether `deprecated = true` is set.
pub(crate) fn is_deprecated(options: &DynamicMessage) -> bool {
    options.get_field_by_name("deprecated").is_some_and(|it| it.as_bool() == Some(true))
}
