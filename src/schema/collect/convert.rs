//! From one static descriptor to one definition.

use crate::{
    Idempotency, MethodDescriptor, MethodKind, ServiceDescriptor,
    describe::{
        self, EnumDescriptor, FieldDescriptor, FieldKind, Label, Member, MessageDescriptor,
    },
    schema::{
        literals::clean,
        model::{
            DefaultValue, Enum, EnumValue, Field, Message, Method, Oneof, Reserved, Service, Type,
        },
        names::json_name,
        options::{Options, Value},
    },
};

/// The last part of a name with dots.
fn last(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

pub(super) fn service(it: &ServiceDescriptor) -> Service {
    let methods = it.methods.iter().map(|method| Method {
        name: method.name.to_owned(),
        docs: method_docs(method),
        options: method_options(method),
        input: method.input.full_name(),
        output: method.output.full_name(),
        client_streaming: matches!(
            method.kind,
            MethodKind::ClientStreaming | MethodKind::Bidirectional
        ),
        server_streaming: matches!(
            method.kind,
            MethodKind::ServerStreaming | MethodKind::Bidirectional
        ),
    });
    Service {
        name: it.name.to_owned(),
        docs: clean(it.docs),
        options: Options::deprecated(it.deprecated),
        methods: methods.collect(),
    }
}

pub(super) fn message(it: &MessageDescriptor) -> Message {
    let mut message = Message {
        name: last(it.name),
        docs: clean(it.docs),
        options: Options::deprecated(it.deprecated),
        reserved: reserved(it.reserved),
        ..Message::default()
    };
    for member in it.members {
        match member {
            Member::Field(it) => message.fields.push(field(it, None)),
            Member::Oneof { name, docs, fields } => {
                let oneof = fields();
                let docs = if docs.is_empty() { oneof.docs } else { docs };
                let index = message.oneofs.len();
                message.oneofs.push(Oneof { name: (*name).to_owned(), docs: clean(docs) });
                message.fields.extend(oneof.fields.iter().map(|it| field(it, Some(index))));
            }
        }
    }
    message
}

fn field(it: &FieldDescriptor, oneof: Option<usize>) -> Field {
    let usual = json_name(it.name);
    Field {
        name: it.name.to_owned(),
        docs: clean(it.docs),
        options: field_options(it),
        number: it.number,
        json_name: it.json_name.filter(|name| *name != usual).map(str::to_owned),
        label: match it.kind {
            FieldKind::Map(..) => Label::Repeated { packed: false },
            _ => it.label,
        },
        ty: ty(&it.kind),
        default: it.default.map(|default| default_value(default, &it.kind)),
        oneof,
    }
}

fn field_options(it: &FieldDescriptor) -> Options {
    let mut options = Options::of(it.options);
    if it.deprecated {
        options.set("deprecated", Value::Flag(true));
    }
    options
}

/// The docs, and behind them the attributes, as they are written in the trait. Protobuf has no place for these but a
/// comment: an option of one's own would need a file that declares it, wherever the contract is compiled.
fn method_docs(it: &MethodDescriptor) -> String {
    if it.attributes.is_empty() {
        return clean(it.docs);
    }
    let pairs = it.attributes.iter();
    let pairs: Vec<_> = pairs.map(|(name, text)| format!("{name} = {text:?}")).collect();
    clean(&format!("{}\n\nattr({})", it.docs, pairs.join(", ")))
}

fn method_options(it: &MethodDescriptor) -> Options {
    let mut options = Options::deprecated(it.deprecated);
    let level = match it.idempotency {
        Idempotency::Unknown => return options,
        Idempotency::NoSideEffects => "NO_SIDE_EFFECTS",
        Idempotency::Idempotent => "IDEMPOTENT",
    };
    options.set("idempotency_level", Value::Word(level.to_owned()));
    options
}

fn ty(kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Scalar(scalar) => Type::Scalar(*scalar),
        FieldKind::Message(it) => Type::Message(it().full_name()),
        FieldKind::Enum(it) => Type::Enum(it().full_name()),
        FieldKind::Map(key, value) => Type::Map(*key, Box::new(ty(value))),
    }
}

fn default_value(default: describe::DefaultValue, kind: &FieldKind) -> DefaultValue {
    match (default, kind) {
        (describe::DefaultValue::Bytes(bytes), _) => DefaultValue::Bytes(bytes.to_owned()),
        (describe::DefaultValue::Text(text), FieldKind::Scalar(describe::Scalar::String)) => {
            DefaultValue::String(text.to_owned())
        }
        (describe::DefaultValue::Text(text), _) => DefaultValue::Word(text.to_owned()),
        (describe::DefaultValue::Enum(number), FieldKind::Enum(it)) => {
            let value = it().values.iter().find(|value| value.number == number);
            DefaultValue::Word(value.map_or_else(|| number.to_string(), |it| it.name.to_owned()))
        }
        (describe::DefaultValue::Enum(number), _) => DefaultValue::Word(number.to_string()),
    }
}

pub(super) fn enumeration(it: &EnumDescriptor) -> Enum {
    let values = it.values.iter().map(|value| EnumValue {
        name: value.name.to_owned(),
        docs: clean(value.docs),
        options: Options::deprecated(value.deprecated),
        number: value.number,
    });
    Enum {
        name: last(it.name),
        docs: clean(it.docs),
        options: Options::deprecated(it.deprecated),
        values: values.collect(),
        reserved: reserved(it.reserved),
    }
}

fn reserved(it: describe::Reserved) -> Reserved {
    Reserved {
        numbers: it.numbers.to_vec(),
        names: it.names.iter().map(|&name| name.to_owned()).collect(),
    }
}
