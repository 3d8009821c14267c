//! From protobuf's own descriptors to files.

use std::collections::HashMap;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    ServiceDescriptorProto,
    field_descriptor_proto::{Label as ProtoLabel, Type as ProtoType},
};

use super::{
    Error,
    literals::clean,
    model::{
        DefaultValue, Enum, EnumValue, Field, File, Message, Method, Oneof, Reserved, Service,
        Syntax, Type,
    },
    names::{entry_name, json_name},
    options::{
        Options,
        proto::{Table, written},
    },
    to_proto::SCALARS,
};
use crate::describe::{Label, Scalar, full_name};

/// Reads a file. What the model does not have is an error, and not lost in silence.
pub(super) fn file(proto: &FileDescriptorProto) -> Result<File, Error> {
    let name = proto.name();
    let reader = Reader { syntax: syntax(proto)?, docs: comments(proto) };
    let mut file = File::new(name, proto.package());
    file.syntax = reader.syntax;
    let read = || -> Result<File, String> {
        if !proto.extension.is_empty() {
            return Err("extensions are not read".to_owned());
        }
        file.options = options(name, proto.options.clone())?;
        let package = &file.package;
        file.messages =
            each(&[], 4, &proto.message_type, |it, path| reader.message(package, it, path))?;
        file.enums = each(&[], 5, &proto.enum_type, |it, path| reader.enumeration(it, path))?;
        file.services = each(&[], 6, &proto.service, |it, path| reader.service(it, path))?;
        Ok(file)
    };
    read().map_err(|reason| Error::invalid(name, reason))
}

fn syntax(proto: &FileDescriptorProto) -> Result<Syntax, Error> {
    match proto.syntax() {
        "proto3" => Ok(Syntax::Proto3),
        "" | "proto2" => Ok(Syntax::Proto2),
        other => Err(Error::invalid(proto.name(), format!("syntax {other} is not read"))),
    }
}

/// Doc comments by path.
fn comments(proto: &FileDescriptorProto) -> HashMap<Vec<i32>, String> {
    let locations = proto.source_code_info.iter().flat_map(|info| &info.location);
    locations
        .filter_map(|location| {
            let comment = location.leading_comments.as_deref()?;
            let lines = comment.lines().map(|it| it.strip_prefix(' ').unwrap_or(it));
            Some((location.path.clone(), clean(&lines.collect::<Vec<_>>().join("\n"))))
        })
        .collect()
}

/// Converts each item, given its path.
fn each<P, T>(
    outer: &[i32],
    field: i32,
    items: &[P],
    mut convert: impl FnMut(&P, &[i32]) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let items = (0..).zip(items);
    items.map(|(index, item)| convert(item, &[outer, &[field, index]].concat())).collect()
}

/// The options of `name`; one that would be lost is an error.
fn options<T: Table>(name: &str, proto: Option<T>) -> Result<Options, String> {
    let Some(proto) = proto else { return Ok(Options::default()) };
    let options = proto.read();
    if written::<T>(&options).unwrap_or_default() == proto {
        return Ok(options);
    }
    Err(format!("{name} has options that are not read"))
}

struct Reader {
    syntax: Syntax,
    docs: HashMap<Vec<i32>, String>,
}

impl Reader {
    fn docs(&self, path: &[i32]) -> String {
        self.docs.get(path).cloned().unwrap_or_default()
    }

    fn message(
        &self,
        scope: &str,
        proto: &DescriptorProto,
        path: &[i32],
    ) -> Result<Message, String> {
        let name = proto.name();
        let scope = full_name(scope, name);
        if !proto.extension.is_empty() || !proto.extension_range.is_empty() {
            return Err(format!("extensions of {name} are not read"));
        }
        let is_entry = |it: &DescriptorProto| it.options.as_ref().is_some_and(|it| it.map_entry());
        let mut entries = Entries::default();
        for entry in proto.nested_type.iter().filter(|it| is_entry(it)) {
            entries.0.insert(format!(".{scope}.{}", entry.name()), entry);
        }
        let messages = each(path, 3, &proto.nested_type, |inner, path| {
            if is_entry(inner) { Ok(None) } else { self.message(&scope, inner, path).map(Some) }
        })?;
        let fields = each(path, 2, &proto.field, |field, path| self.field(field, &entries, path))?;
        // The oneofs of optional fields come last, and are no oneofs to anybody.
        let is_real = |index: i32| {
            proto.field.iter().any(|it| it.oneof_index == Some(index) && !it.proto3_optional())
        };
        let oneofs = each(path, 8, &proto.oneof_decl, |oneof, path| {
            let docs = self.docs(path);
            let is_real = path.last().is_some_and(|index| is_real(*index));
            Ok(is_real.then(|| Oneof { name: oneof.name().to_owned(), docs }))
        })?;
        Ok(Message {
            name: name.to_owned(),
            docs: self.docs(path),
            options: options(name, proto.options.clone())?,
            fields,
            oneofs: oneofs.into_iter().flatten().collect(),
            messages: messages.into_iter().flatten().collect(),
            enums: each(path, 4, &proto.enum_type, |it, path| self.enumeration(it, path))?,
            reserved: Reserved {
                numbers: proto.reserved_range.iter().map(|it| (it.start(), it.end() - 1)).collect(),
                names: proto.reserved_name.clone(),
            },
        })
    }

    fn field(
        &self,
        proto: &FieldDescriptorProto,
        entries: &Entries<'_>,
        path: &[i32],
    ) -> Result<Field, String> {
        let name = proto.name();
        let ty = entries.ty(proto)?;
        let mut proto_options = proto.options.clone();
        let packed = proto_options.as_mut().and_then(|it| it.packed.take());
        let is_message = matches!(ty, Type::Message(_));
        let label = match proto.label() {
            ProtoLabel::Required => Label::Required,
            ProtoLabel::Repeated => {
                let packed = packed.unwrap_or(self.syntax == Syntax::Proto3);
                Label::Repeated { packed: packed && ty.is_packable() }
            }
            ProtoLabel::Optional if proto.proto3_optional() => Label::Optional,
            ProtoLabel::Optional => {
                let is_single = proto.oneof_index.is_none() && !is_message;
                let is_optional = self.syntax == Syntax::Proto2 && is_single;
                if is_optional { Label::Optional } else { Label::Plain }
            }
        };
        let usual = json_name(name);
        let oneof = proto.oneof_index.filter(|_| !proto.proto3_optional());
        Ok(Field {
            name: name.to_owned(),
            docs: self.docs(path),
            options: options(name, proto_options)?,
            number: u32::try_from(proto.number()).unwrap_or_default(),
            json_name: proto.json_name.clone().filter(|it| *it != usual),
            label,
            default: proto.default_value.as_ref().map(|text| default(text, &ty)),
            ty,
            oneof: oneof.and_then(|index| usize::try_from(index).ok()),
        })
    }

    fn enumeration(&self, proto: &EnumDescriptorProto, path: &[i32]) -> Result<Enum, String> {
        let values = each(path, 2, &proto.value, |value, path| {
            Ok(EnumValue {
                name: value.name().to_owned(),
                docs: self.docs(path),
                options: options(value.name(), value.options.clone())?,
                number: value.number(),
            })
        })?;
        Ok(Enum {
            name: proto.name().to_owned(),
            docs: self.docs(path),
            options: options(proto.name(), proto.options.clone())?,
            values,
            reserved: Reserved {
                numbers: proto.reserved_range.iter().map(|it| (it.start(), it.end())).collect(),
                names: proto.reserved_name.clone(),
            },
        })
    }

    fn service(&self, proto: &ServiceDescriptorProto, path: &[i32]) -> Result<Service, String> {
        let methods = each(path, 2, &proto.method, |method, path| {
            Ok(Method {
                name: method.name().to_owned(),
                docs: self.docs(path),
                options: options(method.name(), method.options.clone())?,
                input: absolute(method.input_type()),
                output: absolute(method.output_type()),
                client_streaming: method.client_streaming(),
                server_streaming: method.server_streaming(),
            })
        })?;
        Ok(Service {
            name: proto.name().to_owned(),
            docs: self.docs(path),
            options: options(proto.name(), proto.options.clone())?,
            methods,
        })
    }
}

/// The entries of a message's maps, by their full names.
#[derive(Default)]
struct Entries<'a>(HashMap<String, &'a DescriptorProto>);

impl Entries<'_> {
    fn ty(&self, proto: &FieldDescriptorProto) -> Result<Type, String> {
        let name = proto.name();
        let entry = self.0.get(proto.type_name()).filter(|_| proto.r#type() == ProtoType::Message);
        let Some(entry) = entry else { return ty(proto) };
        let [key, value] = entry.field.as_slice() else {
            return Err(format!("field {name} is a map without a key and a value"));
        };
        let Some(key) = scalar(key.r#type()) else {
            return Err(format!("field {name} is a map with an unknown key"));
        };
        if entry.name() != entry_name(name) {
            let usual = entry_name(name);
            return Err(format!("the entries of map {name} are {}, not {usual}", entry.name()));
        }
        Ok(Type::Map(key, Box::new(ty(value)?)))
    }
}

fn ty(proto: &FieldDescriptorProto) -> Result<Type, String> {
    match proto.r#type() {
        ProtoType::Message => Ok(Type::Message(absolute(proto.type_name()))),
        ProtoType::Enum => Ok(Type::Enum(absolute(proto.type_name()))),
        ProtoType::Group => Err(format!("field {} is a group, which is not read", proto.name())),
        ty => match scalar(ty) {
            Some(scalar) => Ok(Type::Scalar(scalar)),
            None => Err(format!("field {} has an unknown type", proto.name())),
        },
    }
}

fn scalar(ty: ProtoType) -> Option<Scalar> {
    SCALARS.iter().find(|(_, it)| *it == ty).map(|(scalar, _)| *scalar)
}

/// A full name, without the dot that it begins with in a descriptor.
fn absolute(name: &str) -> String {
    name.strip_prefix('.').unwrap_or(name).to_owned()
}

fn default(text: &str, ty: &Type) -> DefaultValue {
    match ty {
        Type::Scalar(Scalar::String) => DefaultValue::String(text.to_owned()),
        Type::Scalar(Scalar::Bytes) => DefaultValue::Bytes(unescaped(text)),
        _ => DefaultValue::Word(text.to_owned()),
    }
}

/// The bytes of a default, which descriptors hold escaped as in C.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let digits = rest.iter().take(3).take_while(|it| matches!(it, b'0'..=b'7')).count();
        let (taken, byte) = match rest.first() {
            Some(b'n') => (1, b'\n'),
            Some(b'r') => (1, b'\r'),
            Some(b't') => (1, b'\t'),
            Some(_) if digits > 0 => {
                let number =
                    rest[..digits].iter().fold(0_u32, |sum, it| sum * 8 + u32::from(it - b'0'));
                (digits, u8::try_from(number).unwrap_or(u8::MAX))
            }
            Some(&other) => (1, other),
            None => (0, b'\\'),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    bytes
}
