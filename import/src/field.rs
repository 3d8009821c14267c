//! Fields: what stands in `#[tag(…)]`, and the type.

use protox::prost_reflect::{Cardinality, FieldDescriptor, Kind, Syntax, Value};

use crate::{
    enumeration::is_carried_over,
    file::FileWriter,
    layout::Named,
    names::json,
    options::{self, is_deprecated},
    text::literal,
};

/// A type, and the word for it in `#[tag(…)]`, where the type does not say it.
struct Type {
    name: String,
    word: Option<String>,
}

impl FileWriter<'_> {
    /// Writes what stands before a field whose name in a `.proto` would be `derived`, and gives its
    /// type.
    pub(crate) fn field(&mut self, field: &FieldDescriptor, derived: &str) -> String {
        self.comments.write(field.path(), &mut self.writer);
        let options = field.options();
        let name = format!("{}.{}", field.parent_message().name(), field.name());
        self.options(field.path(), &options, &name, &["deprecated", "packed", "jstype", "ctype"]);
        if is_deprecated(&options) {
            self.writer.line("#[deprecated]");
        }
        let Type { name: single, word } =
            if field.is_map() { self.map(field) } else { self.value(field) };
        let mut keys = vec![field.number().to_string()];
        keys.extend(word);
        if field.cardinality() == Cardinality::Required {
            keys.push("required".to_owned());
        }
        let packed = options.get_field_by_name("packed").and_then(|it| it.as_bool());
        let packed = packed.filter(|_| options.has_field_by_name("packed"));
        let packed = packed.unwrap_or(self.file.syntax() != Syntax::Proto2);
        if field.is_list() && is_packable(&field.kind()) && !packed {
            keys.push("packed = false".to_owned());
        }
        keys.extend(self.default(field));
        if derived != field.name() {
            keys.push(format!("name = {}", literal(field.name())));
        }
        if field.json_name() != json(field.name()) {
            keys.push(format!("json_name = {}", literal(field.json_name())));
        }
        keys.extend(options::keys(&options, &["jstype", "ctype"]));
        self.writer.attribute("tag", &keys);
        let is_message = field.kind().as_message().is_some();
        let in_a_oneof = field.containing_oneof().is_some_and(|it| !it.is_synthetic());
        match field.cardinality() {
            _ if field.is_map() => single,
            Cardinality::Repeated => format!("Vec<{single}>"),
            Cardinality::Required => single,
            Cardinality::Optional if in_a_oneof => self.boxed(field, single),
            Cardinality::Optional if is_message => {
                format!("Option<{}>", self.boxed(field, single))
            }
            Cardinality::Optional if field.supports_presence() => format!("Option<{single}>"),
            Cardinality::Optional => single,
        }
    }

    /// In a box, where the message would have no size without it.
    fn boxed(&self, field: &FieldDescriptor, single: String) -> String {
        if self.layout.cycles.have(field) { format!("Box<{single}>") } else { single }
    }

    /// One value of the field.
    fn value(&mut self, field: &FieldDescriptor) -> Type {
        let plain = |name: &str| Type { name: name.to_owned(), word: None };
        let said = |name: &str, word: &str| Type { word: Some(word.to_owned()), ..plain(name) };
        match field.kind() {
            Kind::Double => plain("f64"),
            Kind::Float => plain("f32"),
            Kind::Int32 => plain("i32"),
            Kind::Int64 => plain("i64"),
            Kind::Uint32 => plain("u32"),
            Kind::Uint64 => plain("u64"),
            Kind::Sint32 => said("i32", "sint32"),
            Kind::Sint64 => said("i64", "sint64"),
            Kind::Fixed32 => said("u32", "fixed32"),
            Kind::Fixed64 => said("u64", "fixed64"),
            Kind::Sfixed32 => said("i32", "sfixed32"),
            Kind::Sfixed64 => said("i64", "sfixed64"),
            Kind::Bool => plain("bool"),
            Kind::String => plain("String"),
            Kind::Bytes => plain("Vec<u8>"),
            Kind::Message(message) => {
                let is_native = matches!(self.layout.named(message.full_name()), Named::Native(_));
                let word = is_native.then(|| "message".to_owned());
                Type { name: self.scope.ty(message.full_name()), word }
            }
            Kind::Enum(it) if is_carried_over(&it) => {
                said("i32", &format!("enumeration = {}", self.scope.ty(it.full_name())))
            }
            Kind::Enum(_) => plain("i32"),
        }
    }

    fn map(&mut self, field: &FieldDescriptor) -> Type {
        let kind = field.kind();
        let Some(entry) = kind.as_message() else { return self.value(field) };
        let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
        let (of_key, of_value) = (self.value(&key), self.value(&value));
        let name = format!("{}<{}, {}>", self.scope.hash_map(), of_key.name, of_value.name);
        if of_key.word.is_none() && of_value.word.is_none() {
            return Type { name, word: None };
        }
        let word = |of: Type, field: &FieldDescriptor| match (of.word, field.kind()) {
            (Some(word), _) => word,
            (None, Kind::Message(_)) => "message".to_owned(),
            (None, Kind::Enum(_)) => "int32".to_owned(),
            (None, kind) => format!("{kind:?}"),
        };
        Type {
            name,
            word: Some(format!("map({}, {})", word(of_key, &key), word(of_value, &value))),
        }
    }

    fn default(&self, field: &FieldDescriptor) -> Option<String> {
        field.field_descriptor_proto().default_value.as_ref()?;
        let float = |text: String, is_finite: bool| {
            if is_finite { text } else { literal(&text.to_lowercase()) }
        };
        let value = match (field.default_value(), field.kind()) {
            (Value::EnumNumber(number), Kind::Enum(it)) if is_carried_over(&it) => {
                literal(&self.variant(&it, number))
            }
            (Value::EnumNumber(number), _) => number.to_string(),
            (Value::String(text), _) => literal(&text),
            (Value::Bytes(bytes), _) => format!("b\"{}\"", bytes.escape_ascii()),
            (Value::F32(number), _) => float(format!("{number:?}"), number.is_finite()),
            (Value::F64(number), _) => float(format!("{number:?}"), number.is_finite()),
            (value, _) => value.to_string(),
        };
        Some(format!("default = {value}"))
    }
}

fn is_packable(kind: &Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_))
}
