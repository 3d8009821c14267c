//! From files to protobuf's own descriptors.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto,
    ServiceDescriptorProto, SourceCodeInfo,
    descriptor_proto::ReservedRange,
    enum_descriptor_proto::EnumReservedRange,
    field_descriptor_proto::{Label as ProtoLabel, Type as ProtoType},
    source_code_info::Location,
};

use super::{
    literals::{comment_lines, escaped},
    model::{DefaultValue, Enum, Field, File, Message, Method, Service, Syntax, Type},
    names::{entry_name, json_name, synthetic_oneof},
    options::proto::written,
    text::written_packed,
};
use crate::describe::{Label, Scalar, full_name};

/// The descriptor of `file`, comments included.
pub(super) fn file(file: &File) -> FileDescriptorProto {
    let mut comments = Comments::default();
    let package = &file.package;
    FileDescriptorProto {
        name: Some(file.name.clone()),
        package: Some(package.clone()).filter(|package| !package.is_empty()),
        dependency: file.imports.clone(),
        options: written(&file.options),
        message_type: each(&[], 4, &file.messages, |it, path| {
            message(file.syntax, package, it, path, &mut comments)
        }),
        enum_type: each(&[], 5, &file.enums, |it, path| enumeration(it, path, &mut comments)),
        service: each(&[], 6, &file.services, |it, path| service(it, path, &mut comments)),
        syntax: match file.syntax {
            Syntax::Proto2 => None,
            Syntax::Proto3 => Some(file.syntax.name().to_owned()),
        },
        source_code_info: Some(SourceCodeInfo { location: comments.0 }),
        ..FileDescriptorProto::default()
    }
}

/// Comments by the path of what they stand before: field numbers of `descriptor.proto` and indices.
#[derive(Default)]
struct Comments(Vec<Location>);

impl Comments {
    fn add(&mut self, path: &[i32], docs: &str) {
        if docs.is_empty() {
            return;
        }
        let leading = comment_lines(docs).map(|line| line + "\n").collect();
        self.0.push(Location {
            path: path.to_owned(),
            // There is no text that this could be a place in.
            span: vec![0, 0, 0],
            leading_comments: Some(leading),
            ..Location::default()
        });
    }
}

/// Converts each item, given its path.
fn each<T, P>(
    outer: &[i32],
    field: i32,
    items: &[T],
    mut convert: impl FnMut(&T, &[i32]) -> P,
) -> Vec<P> {
    let items = (0..).zip(items);
    items.map(|(index, item)| convert(item, &[outer, &[field, index]].concat())).collect()
}

fn message(
    syntax: Syntax,
    scope: &str,
    it: &Message,
    path: &[i32],
    comments: &mut Comments,
) -> DescriptorProto {
    comments.add(path, &it.docs);
    let name = full_name(scope, &it.name);
    let mut fields = each(path, 2, &it.fields, |field, path| {
        comments.add(path, &field.docs);
        self::field(syntax, &name, field)
    });
    let mut oneofs = each(path, 8, &it.oneofs, |oneof, path| {
        comments.add(path, &oneof.docs);
        OneofDescriptorProto { name: Some(oneof.name.clone()), options: None }
    });
    // An optional field is alone in a oneof that nobody sees; these come after the real ones.
    for field in fields.iter_mut().filter(|field| field.proto3_optional()) {
        field.oneof_index = i32::try_from(oneofs.len()).ok();
        let name = Some(synthetic_oneof(field.name()));
        oneofs.push(OneofDescriptorProto { name, options: None });
    }
    // In the text the fields come first, and so do the entries of maps.
    let mut inner: Vec<_> = it.fields.iter().filter_map(map_entry).collect();
    for (index, it) in (0..).skip(inner.len()).zip(&it.messages) {
        inner.push(message(syntax, &name, it, &[path, &[3, index]].concat(), comments));
    }
    DescriptorProto {
        name: Some(it.name.clone()),
        field: fields,
        nested_type: inner,
        enum_type: each(path, 4, &it.enums, |inner, path| enumeration(inner, path, comments)),
        oneof_decl: oneofs,
        options: written(&it.options),
        reserved_range: it
            .reserved
            .numbers
            .iter()
            .map(|&(first, last)| ReservedRange { start: Some(first), end: Some(last + 1) })
            .collect(),
        reserved_name: it.reserved.names.clone(),
        ..DescriptorProto::default()
    }
}

fn field(syntax: Syntax, scope: &str, it: &Field) -> FieldDescriptorProto {
    let mut field = plain(&it.name, it.number, &it.ty);
    if let Type::Map(..) = it.ty {
        field.type_name = Some(format!(".{scope}.{}", entry_name(&it.name)));
    }
    field.set_label(match it.label {
        Label::Plain | Label::Optional => ProtoLabel::Optional,
        Label::Required => ProtoLabel::Required,
        Label::Repeated { .. } => ProtoLabel::Repeated,
    });
    field.json_name = Some(it.json_name.clone().unwrap_or_else(|| json_name(&it.name)));
    field.oneof_index = it.oneof.and_then(|index| i32::try_from(index).ok());
    field.default_value = it.default.as_ref().map(|default| match default {
        DefaultValue::Word(text) | DefaultValue::String(text) => text.clone(),
        DefaultValue::Bytes(bytes) => escaped(bytes),
    });
    if it.label == Label::Optional && syntax == Syntax::Proto3 {
        field.proto3_optional = Some(true);
    }
    field.options = written(&it.options);
    if let Some(packed) = written_packed(syntax, it) {
        let options = field.options.get_or_insert_with(FieldOptions::default);
        options.packed = Some(packed);
    }
    field
}

/// Name, number and type.
fn plain(name: &str, number: u32, ty: &Type) -> FieldDescriptorProto {
    let mut field = FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: i32::try_from(number).ok(),
        ..FieldDescriptorProto::default()
    };
    field.set_label(ProtoLabel::Optional);
    field.type_name = ty.reference().map(|name| format!(".{name}"));
    field.set_type(match ty {
        Type::Scalar(scalar) => proto_type(*scalar),
        Type::Enum(_) => ProtoType::Enum,
        Type::Message(_) | Type::Map(..) => ProtoType::Message,
    });
    field
}

/// A map is a repeated message with a key and a value.
fn map_entry(field: &Field) -> Option<DescriptorProto> {
    let Type::Map(key, value) = &field.ty else { return None };
    let parts = [("key", 1, &Type::Scalar(*key)), ("value", 2, value)].map(|(name, number, ty)| {
        let json_name = Some(name.to_owned());
        FieldDescriptorProto { json_name, ..plain(name, number, ty) }
    });
    Some(DescriptorProto {
        name: Some(entry_name(&field.name)),
        field: parts.into(),
        options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
        ..DescriptorProto::default()
    })
}

fn enumeration(it: &Enum, path: &[i32], comments: &mut Comments) -> EnumDescriptorProto {
    comments.add(path, &it.docs);
    EnumDescriptorProto {
        name: Some(it.name.clone()),
        value: each(path, 2, &it.values, |value, path| {
            comments.add(path, &value.docs);
            EnumValueDescriptorProto {
                name: Some(value.name.clone()),
                number: Some(value.number),
                options: written(&value.options),
            }
        }),
        options: written(&it.options),
        reserved_range: it
            .reserved
            .numbers
            .iter()
            .map(|&(first, last)| EnumReservedRange { start: Some(first), end: Some(last) })
            .collect(),
        reserved_name: it.reserved.names.clone(),
    }
}

fn service(it: &Service, path: &[i32], comments: &mut Comments) -> ServiceDescriptorProto {
    comments.add(path, &it.docs);
    ServiceDescriptorProto {
        name: Some(it.name.clone()),
        method: each(path, 2, &it.methods, |it, path| {
            comments.add(path, &it.docs);
            method(it)
        }),
        options: written(&it.options),
    }
}

fn method(it: &Method) -> MethodDescriptorProto {
    MethodDescriptorProto {
        name: Some(it.name.clone()),
        input_type: Some(format!(".{}", it.input)),
        output_type: Some(format!(".{}", it.output)),
        options: written(&it.options),
        client_streaming: it.client_streaming.then_some(true),
        server_streaming: it.server_streaming.then_some(true),
    }
}

/// The scalars and their numbers in `descriptor.proto`.
pub(super) const SCALARS: &[(Scalar, ProtoType)] = &[
    (Scalar::Double, ProtoType::Double),
    (Scalar::Float, ProtoType::Float),
    (Scalar::Int32, ProtoType::Int32),
    (Scalar::Int64, ProtoType::Int64),
    (Scalar::Uint32, ProtoType::Uint32),
    (Scalar::Uint64, ProtoType::Uint64),
    (Scalar::Sint32, ProtoType::Sint32),
    (Scalar::Sint64, ProtoType::Sint64),
    (Scalar::Fixed32, ProtoType::Fixed32),
    (Scalar::Fixed64, ProtoType::Fixed64),
    (Scalar::Sfixed32, ProtoType::Sfixed32),
    (Scalar::Sfixed64, ProtoType::Sfixed64),
    (Scalar::Bool, ProtoType::Bool),
    (Scalar::String, ProtoType::String),
    (Scalar::Bytes, ProtoType::Bytes),
];

fn proto_type(scalar: Scalar) -> ProtoType {
    match SCALARS.iter().find(|(it, _)| *it == scalar) {
        Some((_, ty)) => *ty,
        None => ProtoType::Bytes,
    }
}
