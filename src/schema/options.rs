//! Options, under the names that `descriptor.proto` gives them.

use std::collections::BTreeMap;

use super::literals::quoted;
use crate::describe::{OptionValue, ProtoOption};

/// The options of one definition, as far as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options(BTreeMap<String, Value>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Flag(bool),
    /// The name of an enumeration's value.
    Word(String),
    Text(String),
}

impl From<OptionValue> for Value {
    fn from(value: OptionValue) -> Self {
        match value {
            OptionValue::Flag(flag) => Self::Flag(flag),
            OptionValue::Word(word) => Self::Word(word.to_owned()),
            OptionValue::Text(text) => Self::Text(text.to_owned()),
        }
    }
}

impl Value {
    /// As it stands in a `.proto`.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Word(word) => word.clone(),
            Self::Text(text) => quoted(text.as_bytes()),
        }
    }
}

impl Options {
    pub(super) fn of(options: &[ProtoOption]) -> Self {
        Self(options.iter().map(|it| (it.name.to_owned(), it.value.into())).collect())
    }

    pub(super) fn deprecated(deprecated: bool) -> Self {
        let mut options = Self::default();
        if deprecated {
            options.set("deprecated", Value::Flag(true));
        }
        options
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The first that is not in the table, or has not a value of its kind.
    pub(super) fn unknown(&self, table: &[(&str, Kind)]) -> Option<String> {
        let is_known = |name: &str, value: &Value| {
            table.iter().any(|(known, kind)| *known == name && kind.has(value))
        };
        let (name, value) = self.iter().find(|(name, value)| !is_known(name, value))?;
        Some(format!("{name} = {}", value.text()))
    }
}

/// What may be the value of an option, and what it is where none is written.
pub(super) enum Kind {
    Flag(bool),
    Text,
    /// Words by their numbers.
    Word(&'static [&'static str]),
}

impl Kind {
    fn has(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Flag(_), Value::Flag(_)) | (Self::Text, Value::Text(_)) => true,
            (Self::Word(words), Value::Word(word)) => {
                !word.is_empty() && words.contains(&word.as_str())
            }
            _ => false,
        }
    }

    /// The value of an option that is not written.
    pub(super) fn absent(&self) -> Value {
        match self {
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Text => Value::Text(String::new()),
            Self::Word(words) => {
                let first = words.iter().find(|word| !word.is_empty());
                Value::Word(first.copied().unwrap_or_default().to_owned())
            }
        }
    }
}

/// The options that each kind of definition may have, and their way from and to protobuf's own
/// descriptors. `packed` and `map_entry` are no options here: the model has them in another place.
macro_rules! tables {
    ($($table:ident $proto:ident { $($name:ident: $kind:expr,)* })*) => {
        $(
            pub(super) const $table: &[(&str, Kind)] = &[$((stringify!($name), $kind)),*];

            #[cfg(feature = "prost-types")]
            #[allow(deprecated)]
            impl proto::Table for prost_types::$proto {
                fn read(&self) -> Options {
                    let mut options = Options::default();
                    $(proto::read(&mut options, stringify!($name), &$kind, &self.$name);)*
                    options
                }

                fn write(options: &Options) -> Self {
                    Self {
                        $($name: proto::write(options, stringify!($name), &$kind),)*
                        ..Self::default()
                    }
                }
            }
        )*
    };
}

const NO: Kind = Kind::Flag(false);

tables! {
    FILE FileOptions {
        java_package: Kind::Text,
        java_outer_classname: Kind::Text,
        java_multiple_files: NO,
        java_generate_equals_and_hash: NO,
        java_string_check_utf8: NO,
        optimize_for: Kind::Word(&["", "SPEED", "CODE_SIZE", "LITE_RUNTIME"]),
        go_package: Kind::Text,
        cc_generic_services: NO,
        java_generic_services: NO,
        py_generic_services: NO,
        deprecated: NO,
        cc_enable_arenas: Kind::Flag(true),
        objc_class_prefix: Kind::Text,
        csharp_namespace: Kind::Text,
        swift_prefix: Kind::Text,
        php_class_prefix: Kind::Text,
        php_namespace: Kind::Text,
        php_metadata_namespace: Kind::Text,
        ruby_package: Kind::Text,
    }
    MESSAGE MessageOptions {
        no_standard_descriptor_accessor: NO,
        deprecated: NO,
    }
    FIELD FieldOptions {
        ctype: Kind::Word(&["STRING", "CORD", "STRING_PIECE"]),
        jstype: Kind::Word(&["JS_NORMAL", "JS_STRING", "JS_NUMBER"]),
        lazy: NO,
        deprecated: NO,
    }
    ENUM EnumOptions {
        allow_alias: NO,
        deprecated: NO,
    }
    VALUE EnumValueOptions {
        deprecated: NO,
    }
    SERVICE ServiceOptions {
        deprecated: NO,
    }
    METHOD MethodOptions {
        deprecated: NO,
        idempotency_level: Kind::Word(&["IDEMPOTENCY_UNKNOWN", "NO_SIDE_EFFECTS", "IDEMPOTENT"]),
    }
}

#[cfg(feature = "prost-types")]
pub(super) mod proto {
    use super::{Kind, Options, Value};

    /// The options of one kind of definition in protobuf's own descriptors.
    pub(crate) trait Table: Default + PartialEq {
        fn read(&self) -> Options;
        fn write(options: &Options) -> Self;
    }

    /// The message for options, if there are any.
    pub(crate) fn written<T: Table>(options: &Options) -> Option<T> {
        (!options.0.is_empty()).then(|| T::write(options))
    }

    /// The value of an option in its message.
    pub(crate) trait Slot: Sized {
        fn read(&self, kind: &Kind) -> Option<Value>;
        fn write(value: &Value, kind: &Kind) -> Option<Self>;
    }

    impl Slot for bool {
        fn read(&self, _: &Kind) -> Option<Value> {
            Some(Value::Flag(*self))
        }

        fn write(value: &Value, _: &Kind) -> Option<Self> {
            if let Value::Flag(flag) = value { Some(*flag) } else { None }
        }
    }

    impl Slot for String {
        fn read(&self, _: &Kind) -> Option<Value> {
            Some(Value::Text(self.clone()))
        }

        fn write(value: &Value, _: &Kind) -> Option<Self> {
            if let Value::Text(text) = value { Some(text.clone()) } else { None }
        }
    }

    impl Slot for i32 {
        fn read(&self, kind: &Kind) -> Option<Value> {
            let Kind::Word(words) = kind else { return None };
            let word = words.get(usize::try_from(*self).ok()?)?;
            Some(Value::Word((*word).to_owned()))
        }

        fn write(value: &Value, kind: &Kind) -> Option<Self> {
            let (Kind::Word(words), Value::Word(word)) = (kind, value) else { return None };
            words.iter().position(|it| it == word)?.try_into().ok()
        }
    }

    pub(super) fn read(options: &mut Options, name: &str, kind: &Kind, slot: &Option<impl Slot>) {
        if let Some(value) = slot.as_ref().and_then(|slot| slot.read(kind)) {
            options.set(name, value);
        }
    }

    pub(super) fn write<S: Slot>(options: &Options, name: &str, kind: &Kind) -> Option<S> {
        S::write(options.get(name)?, kind)
    }
}
