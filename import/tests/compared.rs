//! Descriptors in a form that can be compared, and what importing leaves out of them.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

/// A file as it is compared: without the order of definitions and of imports, with what is usual
/// left unsaid.
pub(crate) fn plain(mut file: FileDescriptorProto) -> FileDescriptorProto {
    let is_proto2 = file.syntax() != "proto3";
    file.source_code_info = None;
    file.dependency.sort();
    file.message_type.iter_mut().for_each(|it| plain_message(it, is_proto2));
    sort(&mut file.message_type, &mut file.enum_type);
    file.service.sort_by_key(|it| it.name().to_owned());
    for service in &mut file.service {
        unsaid(&mut service.options);
        for method in &mut service.method {
            unsaid(&mut method.options);
            // `false` may be said or not.
            method.client_streaming = Some(method.client_streaming());
            method.server_streaming = Some(method.server_streaming());
        }
    }
    file.enum_type.iter_mut().for_each(plain_enum);
    unsaid(&mut file.options);
    file.syntax = file.syntax.filter(|it| it != "proto2");
    file
}

fn plain_message(message: &mut DescriptorProto, is_proto2: bool) {
    message.nested_type.iter_mut().for_each(|it| plain_message(it, is_proto2));
    sort(&mut message.nested_type, &mut message.enum_type);
    message.enum_type.iter_mut().for_each(plain_enum);
    unsaid(&mut message.options);
    let first_synthetic = message
        .field
        .iter()
        .filter(|it| it.proto3_optional())
        .filter_map(|it| it.oneof_index)
        .min();
    if let Some(first) = first_synthetic {
        message.oneof_decl.truncate(usize::try_from(first).unwrap_or_default());
    }
    message.oneof_decl.iter_mut().for_each(|it| unsaid(&mut it.options));
    for field in &mut message.field {
        let is_single = field.label() == Label::Optional && field.oneof_index.is_none();
        let is_optional =
            field.proto3_optional() || is_proto2 && is_single && field.r#type() != Type::Message;
        if is_optional {
            field.oneof_index = None;
        }
        field.proto3_optional = Some(is_optional);
        let is_packable = field.label() == Label::Repeated
            && !matches!(field.r#type(), Type::String | Type::Bytes | Type::Message | Type::Group);
        let mut options = field.options.take().unwrap_or_default();
        let packed = options.packed.unwrap_or(!is_proto2);
        options.packed = is_packable.then_some(packed);
        field.options = Some(options);
        unsaid(&mut field.options);
    }
}

fn plain_enum(it: &mut EnumDescriptorProto) {
    unsaid(&mut it.options);
    it.value.iter_mut().for_each(|it| unsaid(&mut it.options));
}

/// No options are the same as options of which none is set.
fn unsaid<T: Default + PartialEq>(options: &mut Option<T>) {
    if options.as_ref() == Some(&T::default()) {
        *options = None;
    }
}

fn sort(messages: &mut [DescriptorProto], enums: &mut [EnumDescriptorProto]) {
    messages.sort_by_key(|it| it.name().to_owned());
    enums.sort_by_key(|it| it.name().to_owned());
}

/// Takes out of a file what there is no Rust for, and names it as importing does. Custom options
/// are not among it: descriptors of `prost_types` have none. `lost` are all enumerations of all files
/// that do not begin with 0.
pub(crate) fn without_the_rest(
    file: &mut FileDescriptorProto,
    kept_imports: &[String],
    lost: &[String],
) -> Vec<String> {
    let mut named = Vec::new();
    for (index, import) in (0..).zip(&file.dependency) {
        if file.public_dependency.contains(&index) {
            named.push(format!("`public` of the import of {import}"));
        } else if !kept_imports.contains(import) {
            named.push(format!("the import of {import}, which nothing needs"));
        }
    }
    file.dependency.retain(|it| kept_imports.contains(it));
    file.public_dependency.clear();
    let says_proto2 =
        |it: &FieldDescriptorProto| it.label() == Label::Required || it.default_value.is_some();
    let mut stays_proto2 = false;
    walk(&mut file.message_type, &mut |message| {
        stays_proto2 |= message.field.iter().any(says_proto2);
    });
    let is_proto2 = file.syntax() != "proto3";
    for service in &mut file.service {
        let name = service.name().to_owned();
        service.method.retain(|it| {
            let unnamed = [it.input_type(), it.output_type()]
                .into_iter()
                .find_map(|it| it.strip_prefix('.').filter(|it| *it == "google.protobuf.Struct"));
            if let Some(ty) = unnamed {
                named.push(format!("method `{name}.{}`, with a `{ty}`", it.name()));
            }
            unnamed.is_none()
        });
    }
    if file.package().is_empty()
        && let Some(options) = &mut file.options
        && options.go_package.take().is_some()
    {
        named.push(format!("option `go_package` of `{}`", file.name()));
    }
    extensions(&mut file.extension, &mut named);
    let package = file.package().to_owned();
    enums(&mut file.enum_type, &mut named);
    messages(&package, &mut file.message_type, &mut named);
    walk(&mut file.message_type, &mut |message| {
        for field in message.field.iter_mut().filter(|it| lost.contains(&it.type_name().to_owned()))
        {
            field.set_type(Type::Int32);
            field.type_name = None;
        }
    });
    if is_proto2 && !stays_proto2 {
        named.push(
            "`proto2`: without `required` and `default` it is `proto3` here, where enumerations \
             are open"
                .to_owned(),
        );
        walk(&mut file.message_type, &mut as_proto3);
        file.syntax = Some("proto3".to_owned());
    }
    named
}

/// Says in proto3's words what was meant in proto2's.
fn as_proto3(message: &mut DescriptorProto) {
    for field in &mut message.field {
        let is_single = field.label() == Label::Optional && field.oneof_index.is_none();
        if is_single && field.r#type() != Type::Message {
            field.proto3_optional = Some(true);
        }
        let options = field.options.get_or_insert_default();
        options.packed = Some(options.packed());
    }
}

fn walk(messages: &mut [DescriptorProto], see: &mut impl FnMut(&mut DescriptorProto)) {
    for message in messages {
        see(message);
        walk(&mut message.nested_type, see);
    }
}

fn extensions(list: &mut Vec<FieldDescriptorProto>, named: &mut Vec<String>) {
    for it in list.drain(..) {
        let extended = it.extendee().trim_start_matches('.');
        named.push(format!("extension `{}` of `{extended}`", it.name()));
    }
}

/// The full names of enumerations that do not begin with 0.
pub(crate) fn lost(file: &FileDescriptorProto) -> Vec<String> {
    fn of_a_message(scope: &str, message: &DescriptorProto, lost: &mut Vec<String>) {
        let scope = &full_name(scope, message.name())[1..];
        of(scope, &message.enum_type, lost);
        message.nested_type.iter().for_each(|it| of_a_message(scope, it, lost));
    }
    fn of(scope: &str, list: &[EnumDescriptorProto], lost: &mut Vec<String>) {
        let first = list.iter().filter(|it| it.value[0].number() != 0);
        lost.extend(first.map(|it| full_name(scope, it.name())));
    }
    let mut lost = Vec::new();
    of(file.package(), &file.enum_type, &mut lost);
    file.message_type.iter().for_each(|it| of_a_message(file.package(), it, &mut lost));
    lost
}

fn enums(list: &mut Vec<EnumDescriptorProto>, named: &mut Vec<String>) {
    list.retain(|it| {
        let is_kept = it.value[0].number() == 0;
        if !is_kept {
            let name = it.name();
            named.push(format!("enum `{name}`, whose first value is not 0: its fields are int32"));
        }
        is_kept
    });
    for it in list {
        let mut seen = Vec::new();
        it.value.retain(|value| {
            let is_new = !seen.contains(&value.number());
            seen.push(value.number());
            if !is_new {
                named.push(format!("`{}`, another name for {}", value.name(), value.number()));
            }
            is_new
        });
        if let Some(options) = &mut it.options {
            options.allow_alias = None;
        }
    }
}

/// What the tests' files use of protobuf's own types, and `traitwire::well_known` has not.
const OF_PROTOBUF: [&str; 5] = [
    "google.protobuf.Api",
    "google.protobuf.Enum",
    "google.protobuf.FileOptions",
    "google.protobuf.FileDescriptorSet",
    "google.protobuf.Type",
];

fn messages(scope: &str, list: &mut Vec<DescriptorProto>, named: &mut Vec<String>) {
    for message in list {
        let name = message.name().to_owned();
        let full_name = full_name(scope, &name);
        extensions(&mut message.extension, named);
        for range in message.extension_range.drain(..) {
            named.push(format!("extensions {} to {} of `{name}`", range.start(), range.end() - 1));
        }
        if let Some(options) = &mut message.options
            && options.message_set_wire_format.take().is_some()
        {
            named.push(format!("option `message_set_wire_format` of `{name}`"));
        }
        let mut gone = Vec::new();
        message.field.retain(|field| {
            let is_group = field.r#type() == Type::Group;
            if is_group {
                named.push(format!("group `{name}.{}`", field.name()));
                gone.push(field.type_name().to_owned());
            }
            // The value of a map, or the field's own type.
            let entry = message.nested_type.iter().find(|it| {
                it.options.as_ref().is_some_and(|it| it.map_entry())
                    && field.type_name() == format!("{full_name}.{}", it.name())
            });
            let ty = entry.map_or(field.type_name(), |it| it.field[1].type_name());
            let foreign = ty.trim_start_matches('.');
            let is_foreign = OF_PROTOBUF.contains(&foreign);
            if is_foreign {
                gone.push(field.type_name().to_owned());
                named.push(format!("field `{name}.{}`, a `{foreign}`", field.name()));
            }
            !(is_group || is_foreign)
        });
        message.nested_type.retain(|it| !gone.contains(&format!("{full_name}.{}", it.name())));
        for field in &mut message.field {
            let Some(options) = &mut field.options else { continue };
            let unsupported =
                [("lazy", options.lazy.take().is_some()), ("weak", options.weak.take().is_some())];
            for (option, _) in unsupported.iter().filter(|it| it.1) {
                named.push(format!("option `{option}` of `{name}.{}`", field.name()));
            }
        }
        enums(&mut message.enum_type, named);
        messages(&full_name[1..], &mut message.nested_type, named);
    }
}

/// As descriptors have it, with a dot in front.
fn full_name(scope: &str, name: &str) -> String {
    if scope.is_empty() { format!(".{name}") } else { format!(".{scope}.{name}") }
}
