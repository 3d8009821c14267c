//! Descriptors at random, of everything that a schema may have.

use std::collections::{BTreeSet, HashSet};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, EnumValueOptions,
    FieldDescriptorProto, FieldOptions, FileDescriptorProto, FileDescriptorSet, MessageOptions,
    MethodDescriptorProto, MethodOptions, OneofDescriptorProto, ServiceDescriptorProto,
    SourceCodeInfo,
    descriptor_proto::ReservedRange,
    enum_descriptor_proto::EnumReservedRange,
    field_descriptor_proto::{Label, Type},
    source_code_info::Location,
};
use protox::file::{FileResolver, GoogleFileResolver};

/// Scalars with a default that a `.proto` may give them, in the form that descriptors hold.
const SCALARS: [(Type, &str); 15] = [
    (Type::Double, "1.5"),
    (Type::Float, "-0.25"),
    (Type::Int32, "-2147483648"),
    (Type::Int64, "9223372036854775807"),
    (Type::Uint32, "4294967295"),
    (Type::Uint64, "18446744073709551615"),
    (Type::Sint32, "-1"),
    (Type::Sint64, "0"),
    (Type::Fixed32, "7"),
    (Type::Fixed64, "8"),
    (Type::Sfixed32, "9"),
    (Type::Sfixed64, "-10"),
    (Type::Bool, "true"),
    (Type::String, "a \"b\" \\ c\n\u{e9}"),
    (Type::Bytes, "\\000\\377z"),
];

/// A sequence of numbers that looks random and is the same each time (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.next() % end).expect("a small number")
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A name that is new in its scope, and likely to be the same as one elsewhere.
    fn name(&mut self, taken: &mut HashSet<String>) -> String {
        const NAMES: [&str; 10] =
            ["Order", "Item", "shop", "google", "v1", "a_b_c", "x2", "Kind", "protobuf", "List"];
        let mut name = (*self.pick(&NAMES)).to_owned();
        while !taken.insert(name.clone()) {
            name = format!("{name}{}", self.below(100));
        }
        name
    }

    /// Some files, imported ones first; the very first is one of protobuf's own.
    pub(crate) fn set(mut self) -> FileDescriptorSet {
        let mut known = Known::default();
        let mut set = FileDescriptorSet { file: vec![wrappers()] };
        let mut scopes: [HashSet<String>; 3] = Default::default();
        // What is the beginning of a package cannot be a name beside it.
        scopes[0].extend(["shop", "google"].map(str::to_owned));
        scopes[1].insert("v1".to_owned());
        for index in 0..1 + self.below(3) {
            let place = self.below(3);
            let package = ["", "shop", "shop.v1"][place];
            let file = Page {
                random: &mut self,
                known: &mut known,
                proto2: false,
                locations: Vec::new(),
                name: format!("dir/file{index}.proto"),
            };
            set.file.push(file.file(package, &mut scopes[place]));
        }
        set
    }
}

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
        let mut dependency = BTreeSet::new();
        self.imports(&message_type, &mut dependency);
        for method in &service[0].method {
            dependency.extend([method.input_type(), method.output_type()].map(|it| self.home(it)));
        }
        dependency.remove(&self.name);
        FileDescriptorProto {
            name: Some(self.name),
            package: Some(package.to_owned()).filter(|it| !it.is_empty()),
            dependency: dependency.into_iter().collect(),
            message_type,
            enum_type,
            service,
            syntax: (!self.proto2).then(|| "proto3".to_owned()),
            source_code_info: Some(SourceCodeInfo { location: self.locations }),
            ..FileDescriptorProto::default()
        }
    }

    /// The file that defines `.name`.
    fn home(&self, name: &str) -> String {
        let name = &name[1..];
        let mut messages = self.known.messages.iter().map(|(it, file)| (it, file));
        let mut enums = self.known.enums.iter().map(|(it, file, _)| (it, file));
        let found = messages.find(|it| it.0 == name).or_else(|| enums.find(|it| it.0 == name));
        found.map_or_else(|| "google/protobuf/wrappers.proto".to_owned(), |(_, file)| file.clone())
    }

    fn imports(&self, messages: &[DescriptorProto], found: &mut BTreeSet<String>) {
        for message in messages {
            let is_entry = |name: &str| {
                let last = name.rsplit('.').next();
                message
                    .nested_type
                    .iter()
                    .any(|it| it.options.is_some() && last == it.name.as_deref())
            };
            let names = message.field.iter().filter_map(|it| it.type_name.as_deref());
            found.extend(names.filter(|name| !is_entry(name)).map(|name| self.home(name)));
            self.imports(&message.nested_type, found);
        }
    }

    fn comment(&mut self, path: &[i32]) {
        if self.random.one_in(3) {
            let text = *self.random.pick(&[" One line.\n", " Two.\n\n Lines, \u{e9}.\n"]);
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
        for index in 0..1 + self.random.below(3) {
            let index = index as i32;
            self.comment(&[path, &[2, index]].concat());
            let name = format!("{name}_VALUE_{index}").to_uppercase();
            names.insert(name.clone());
            let deprecated = self.random.one_in(4);
            value.push(EnumValueDescriptorProto {
                name: Some(name),
                number: Some(if index == 2 { -5 } else { index }),
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
            options: deprecated
                .then(|| EnumOptions { deprecated: Some(true), ..EnumOptions::default() }),
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
            let name = Some(format!("_{}", field.name()));
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
        if self.random.one_in(5) {
            message.options =
                Some(MessageOptions { deprecated: Some(true), ..MessageOptions::default() });
        }
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
        let default = SCALARS.iter().find(|(ty, _)| *ty == field.r#type());
        if let Some((_, default)) = default.filter(|_| self.proto2 && label == Label::Optional) {
            field.default_value = Some((*default).to_owned()).filter(|_| self.random.one_in(2));
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
                true => format!("json{index}"),
                false => json_name(&name),
            }),
            name: Some(name),
            number: Some(if self.random.one_in(9) { 20_000 + index } else { 1 + index }),
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
                options: deprecated
                    .then(|| MethodOptions { deprecated: Some(true), ..MethodOptions::default() }),
            });
        }
        ServiceDescriptorProto { name: Some(name), method, options: None }
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
