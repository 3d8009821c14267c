//! Descriptors at random, of everything that a schema may have.

use std::collections::{HashMap, HashSet};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, EnumValueOptions,
    FieldDescriptorProto, FieldOptions, FileDescriptorProto, FileDescriptorSet, FileOptions,
    MessageOptions, MethodDescriptorProto, MethodOptions, OneofDescriptorProto,
    ServiceDescriptorProto, ServiceOptions, SourceCodeInfo,
    descriptor_proto::ReservedRange,
    enum_descriptor_proto::EnumReservedRange,
    field_descriptor_proto::{Label, Type},
    field_options::{CType, JsType},
    file_options::OptimizeMode,
    method_options::IdempotencyLevel,
    source_code_info::Location,
};
use protox::file::{FileResolver, GoogleFileResolver};

pub(crate) use super::pools::Random;
use super::pools::{DOCS, JSON, NAMES, PACKAGES, SCALARS, TEXTS};

impl Random {
    /// A name that is new in its scope, and likely to be the same as one elsewhere.
    fn name(&mut self, taken: &mut HashSet<String>) -> String {
        let mut name = (*self.pick(NAMES)).to_owned();
        while !taken.insert(name.clone()) {
            name = format!("{name}{}", self.below(100));
        }
        name
    }

    /// Some files, imported ones first; the very first is one of protobuf's own.
    pub(crate) fn set(mut self) -> FileDescriptorSet {
        let mut known = Known::default();
        let mut set = FileDescriptorSet { file: vec![wrappers()] };
        let mut scopes: HashMap<&str, HashSet<String>> = HashMap::new();
        for index in 0..1 + self.below(3) {
            let package = *self.pick(PACKAGES);
            let page = Page {
                random: &mut self,
                known: &mut known,
                proto2: false,
                locations: Vec::new(),
                name: format!("dir/file{index}.proto"),
            };
            set.file.push(page.file(package, scopes.entry(package).or_default()));
        }
        set
    }
}

const LEVELS: [IdempotencyLevel; 3] = [
    IdempotencyLevel::IdempotencyUnknown,
    IdempotencyLevel::NoSideEffects,
    IdempotencyLevel::Idempotent,
];

/// What may be referred to: full names with their files.
#[derive(Default)]
struct Known {
    messages: Vec<(String, String)>,
    /// And whether proto3 may use it.
    enums: Vec<(String, String, bool)>,
}

struct Page<'a> {
    random: &'a mut Random,
    known: &'a mut Known,
    proto2: bool,
    locations: Vec<Location>,
    name: String,
}

impl Page<'_> {
    fn file(mut self, package: &str, names: &mut HashSet<String>) -> FileDescriptorProto {
        self.proto2 = self.random.one_in(3);
        let enums = 1 + self.random.below(2);
        let enum_type =
            (0..enums).map(|index| self.enumeration(package, names, &[5, index as i32])).collect();
        let messages = 1 + self.random.below(4);
        let message_type: Vec<_> =
            (0..messages).map(|index| self.message(package, names, &[4, index as i32])).collect();
        let service = vec![self.service(names)];
        let options = self.options();
        FileDescriptorProto {
            name: Some(self.name),
            package: Some(package.to_owned()).filter(|it| !it.is_empty()),
            options,
            message_type,
            enum_type,
            service,
            syntax: (!self.proto2).then(|| "proto3".to_owned()),
            source_code_info: Some(SourceCodeInfo { location: self.locations }),
            ..FileDescriptorProto::default()
        }
    }

    fn options(&mut self) -> Option<FileOptions> {
        let text = |random: &mut Random| random.one_in(9).then(|| (*random.pick(TEXTS)).to_owned());
        let random = &mut self.random;
        let options = FileOptions {
            java_package: text(random),
            java_outer_classname: text(random),
            go_package: text(random),
            objc_class_prefix: text(random),
            csharp_namespace: text(random),
            swift_prefix: text(random),
            php_class_prefix: text(random),
            php_namespace: text(random),
            php_metadata_namespace: text(random),
            ruby_package: text(random),
            java_multiple_files: random.sometimes(9),
            java_string_check_utf8: random.sometimes(9),
            cc_generic_services: random.sometimes(9),
            java_generic_services: random.sometimes(9),
            py_generic_services: random.sometimes(9),
            deprecated: random.sometimes(9),
            cc_enable_arenas: random.one_in(9).then_some(false),
            optimize_for: random.one_in(9).then(|| OptimizeMode::CodeSize.into()),
            ..FileOptions::default()
        };
        Some(options).filter(|it| *it != FileOptions::default())
    }

    fn comment(&mut self, path: &[i32]) {
        if self.random.one_in(3) {
            let text = *self.random.pick(DOCS);
            self.locations.push(Location {
                path: path.to_owned(),
                span: vec![0, 0, 0],
                leading_comments: Some(text.to_owned()),
                ..Location::default()
            });
        }
    }

    fn enumeration(
        &mut self,
        scope: &str,
        names: &mut HashSet<String>,
        path: &[i32],
    ) -> EnumDescriptorProto {
        self.comment(path);
        let name = self.random.name(names);
        let prefix = full(scope, &name);
        self.known.enums.push((prefix, self.name.clone(), !self.proto2));
        let mut value = Vec::new();
        let is_alias = self.random.one_in(5);
        let count = if is_alias { 3 } else { 1 + self.random.below(3) };
        for index in 0..count {
            let index = index as i32;
            self.comment(&[path, &[2, index]].concat());
            let name = match self.random.one_in(3) {
                true => self.random.name(names),
                false => format!("{name}_VALUE_{index}").to_uppercase(),
            };
            names.insert(name.clone());
            let deprecated = self.random.one_in(4);
            value.push(EnumValueDescriptorProto {
                name: Some(name),
                number: Some(match index {
                    2 if is_alias => 0,
                    2 => -5,
                    index => index,
                }),
                options: deprecated.then(|| EnumValueOptions {
                    deprecated: Some(true),
                    ..EnumValueOptions::default()
                }),
            });
        }
        let is_reserved = self.random.one_in(3);
        let deprecated = self.random.one_in(5);
        EnumDescriptorProto {
            name: Some(name),
            value,
            options: Some(EnumOptions {
                deprecated: deprecated.then_some(true),
                allow_alias: is_alias.then_some(true),
                ..EnumOptions::default()
            })
            .filter(|it| *it != EnumOptions::default()),
            reserved_range: match is_reserved {
                true => [(-9, -7), (50, 50), (1000, i32::MAX)]
                    .map(|(start, end)| EnumReservedRange { start: Some(start), end: Some(end) })
                    .into(),
                false => Vec::new(),
            },
            reserved_name: if is_reserved { vec!["GONE".to_owned()] } else { Vec::new() },
        }
    }

    fn message(
        &mut self,
        scope: &str,
        names: &mut HashSet<String>,
        path: &[i32],
    ) -> DescriptorProto {
        self.comment(path);
        let mut message =
            DescriptorProto { name: Some(self.random.name(names)), ..DescriptorProto::default() };
        let scope = full(scope, message.name());
        self.known.messages.push((scope.clone(), self.name.clone()));
        let mut inner_names = HashSet::new();
        if self.random.one_in(3) {
            message.enum_type.push(self.enumeration(
                &scope,
                &mut inner_names,
                &[path, &[4, 0]].concat(),
            ));
        }
        let members = self.random.below(7);
        for _ in 0..members {
            match self.random.below(6) {
                0 => self.oneof(&mut message, &mut inner_names, path),
                1 => self.map(&scope, &mut message, &mut inner_names, path),
                _ => self.single(&mut message, &mut inner_names, path),
            }
        }
        // The oneofs of optional fields come after the real ones.
        for field in message.field.iter_mut().filter(|it| it.proto3_optional()) {
            field.oneof_index = Some(message.oneof_decl.len() as i32);
            let mark = if field.name().starts_with('_') { "X" } else { "_" };
            let name = Some(format!("{mark}{}", field.name()));
            message.oneof_decl.push(OneofDescriptorProto { name, options: None });
        }
        if path.len() < 6 && self.random.one_in(3) {
            let index = message.nested_type.len() as i32;
            let inner = self.message(&scope, &mut inner_names, &[path, &[3, index]].concat());
            message.nested_type.push(inner);
        }
        if self.random.one_in(3) {
            message.reserved_range = [(500, 501), (600, 610), (30_000, 536_870_912)]
                .map(|(start, end)| ReservedRange { start: Some(start), end: Some(end) })
                .into();
            message.reserved_name = vec!["gone".to_owned(), "lost".to_owned()];
        }
        let options = MessageOptions {
            deprecated: self.random.sometimes(5),
            no_standard_descriptor_accessor: self.random.sometimes(9),
            ..MessageOptions::default()
        };
        message.options = Some(options).filter(|it| *it != MessageOptions::default());
        message
    }

    fn single(&mut self, message: &mut DescriptorProto, names: &mut HashSet<String>, path: &[i32]) {
        let mut field = self.field(message, names, path);
        let label = *self.random.pick(&[Label::Optional, Label::Repeated, Label::Required]);
        match label {
            Label::Required if !self.proto2 => {
                field.proto3_optional = Some(true);
            }
            label => field.set_label(label),
        }
        let is_packable = field.type_name.is_none() || field.r#type() == Type::Enum;
        let is_packable = is_packable && !matches!(field.r#type(), Type::String | Type::Bytes);
        let mut options = FieldOptions::default();
        if label == Label::Repeated && is_packable && self.random.one_in(2) {
            options.packed = Some(self.proto2);
        }
        if self.random.one_in(5) {
            options.deprecated = Some(true);
        }
        match field.r#type() {
            Type::Int64 | Type::Uint64 | Type::Sint64 | Type::Fixed64 | Type::Sfixed64 => {
                let ways = [JsType::JsString, JsType::JsNumber, JsType::JsNormal];
                options.jstype = self.random.one_in(4).then(|| (*self.random.pick(&ways)).into());
            }
            Type::String | Type::Bytes => {
                options.ctype = self.random.one_in(4).then(|| CType::Cord.into());
            }
            Type::Message => options.lazy = self.random.sometimes(9),
            _ => {}
        }
        let default = SCALARS.iter().find(|(ty, _)| *ty == field.r#type());
        if let Some((_, defaults)) = default.filter(|_| self.proto2 && label == Label::Optional) {
            let default = (*self.random.pick(defaults)).to_owned();
            field.default_value = Some(default).filter(|_| self.random.one_in(2));
        }
        field.options = Some(options).filter(|it| *it != FieldOptions::default());
        message.field.push(field);
    }

    fn oneof(&mut self, message: &mut DescriptorProto, names: &mut HashSet<String>, path: &[i32]) {
        let index = message.oneof_decl.len() as i32;
        self.comment(&[path, &[8, index]].concat());
        let name = Some(self.random.name(names));
        message.oneof_decl.push(OneofDescriptorProto { name, options: None });
        for _ in 0..1 + self.random.below(3) {
            let mut field = self.field(message, names, path);
            field.oneof_index = Some(index);
            message.field.push(field);
        }
    }

    fn map(
        &mut self,
        scope: &str,
        message: &mut DescriptorProto,
        names: &mut HashSet<String>,
        path: &[i32],
    ) {
        const KEYS: [Type; 3] = [Type::String, Type::Bool, Type::Sfixed64];
        let mut field = self.field(message, names, path);
        let entry = format!("{}Entry", json_name(&format!("_{}", field.name())));
        if !names.insert(entry.clone()) {
            self.locations.retain(|it| !it.path.ends_with(&[2, message.field.len() as i32]));
            return;
        }
        let part = |name: &str, number| FieldDescriptorProto {
            name: Some(name.to_owned()),
            json_name: Some(name.to_owned()),
            number: Some(number),
            label: Some(Label::Optional.into()),
            ..FieldDescriptorProto::default()
        };
        let mut key = part("key", 1);
        key.set_type(*self.random.pick(&KEYS));
        let value = FieldDescriptorProto {
            r#type: field.r#type,
            type_name: field.type_name.take(),
            ..part("value", 2)
        };
        field.set_type(Type::Message);
        field.set_label(Label::Repeated);
        field.type_name = Some(format!(".{scope}.{entry}"));
        message.field.push(field);
        message.nested_type.push(DescriptorProto {
            name: Some(entry),
            field: vec![key, value],
            options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
            ..DescriptorProto::default()
        });
    }

    /// A field with a name, a number and a type.
    fn field(
        &mut self,
        message: &DescriptorProto,
        names: &mut HashSet<String>,
        path: &[i32],
    ) -> FieldDescriptorProto {
        let index = message.field.len() as i32;
        self.comment(&[path, &[2, index]].concat());
        let name = loop {
            let name = self.random.name(names);
            let json = json_name(&name);
            if message.field.iter().all(|it| it.json_name() != json) {
                break name;
            }
        };
        let mut field = FieldDescriptorProto {
            json_name: Some(match self.random.one_in(6) {
                true => format!("{}{index}", self.random.pick(JSON)),
                false => json_name(&name),
            }),
            name: Some(name),
            number: Some(match self.random.below(20) {
                0 => 20_000 + index,
                1 => 536_870_911 - index,
                _ => 1 + index,
            }),
            label: Some(Label::Optional.into()),
            ..FieldDescriptorProto::default()
        };
        let enums = self.known.enums.iter().filter(|it| it.2 || self.proto2);
        let enums: Vec<_> = enums.map(|it| it.0.clone()).collect();
        let mut messages: Vec<_> = self.known.messages.iter().map(|it| it.0.clone()).collect();
        messages.push("google.protobuf.StringValue".to_owned());
        let (ty, name) = match self.random.below(SCALARS.len() + 4) {
            0 | 1 if !enums.is_empty() => (Type::Enum, Some(self.random.pick(&enums).clone())),
            0..=3 => (Type::Message, Some(self.random.pick(&messages).clone())),
            scalar => (SCALARS[scalar - 4].0, None),
        };
        field.set_type(ty);
        field.type_name = name.map(|name| format!(".{name}"));
        field
    }

    fn service(&mut self, names: &mut HashSet<String>) -> ServiceDescriptorProto {
        self.comment(&[6, 0]);
        let name = self.random.name(names);
        let mut method_names = HashSet::new();
        let mut method = Vec::new();
        for index in 0..self.random.below(4) {
            self.comment(&[6, 0, 2, index as i32]);
            let messages: Vec<_> =
                self.known.messages.iter().map(|it| format!(".{}", it.0)).collect();
            let deprecated = self.random.one_in(4);
            method.push(MethodDescriptorProto {
                name: Some(self.random.name(&mut method_names)),
                input_type: Some(self.random.pick(&messages).clone()),
                output_type: Some(self.random.pick(&messages).clone()),
                client_streaming: self.random.one_in(2).then_some(true),
                server_streaming: self.random.one_in(2).then_some(true),
                options: Some(MethodOptions {
                    deprecated: deprecated.then_some(true),
                    idempotency_level: self
                        .random
                        .one_in(4)
                        .then(|| (*self.random.pick(&LEVELS)).into()),
                    ..MethodOptions::default()
                })
                .filter(|it| *it != MethodOptions::default()),
            });
        }
        let deprecated = self.random.sometimes(4);
        let options = deprecated
            .map(|it| ServiceOptions { deprecated: Some(it), ..ServiceOptions::default() });
        ServiceDescriptorProto { name: Some(name), method, options }
    }
}

/// Protobuf's own file, which a set must have when another imports it.
fn wrappers() -> FileDescriptorProto {
    let file = GoogleFileResolver::new().open_file("google/protobuf/wrappers.proto");
    file.expect("the compiler brings it along").file_descriptor_proto().clone()
}

fn full(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The rule of protobuf, said once more: without `_`, the letter behind it in upper case.
fn json_name(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |json, part| {
        let (head, tail) = part.split_at(part.len().min(1));
        json + &head.to_ascii_uppercase() + tail
    })
}
