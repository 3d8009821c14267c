//! Descriptors that no compiler gives: what protobuf forbids, and what is not read, is an error.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, FileDescriptorSet, MessageOptions,
    descriptor_proto::{ExtensionRange, ReservedRange},
    enum_descriptor_proto::EnumReservedRange,
    field_descriptor_proto::{Label, Type},
};
use traitwire::schema::{Error, Schema};

fn field(name: &str, number: i32) -> FieldDescriptorProto {
    let mut field = FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        ..FieldDescriptorProto::default()
    };
    field.set_type(Type::Int32);
    field.set_label(Label::Optional);
    field
}

fn message(field: impl IntoIterator<Item = FieldDescriptorProto>) -> DescriptorProto {
    let field = field.into_iter().collect();
    DescriptorProto { name: Some("M".to_owned()), field, ..DescriptorProto::default() }
}

/// `enum E { ZERO = 0; }`
fn enumeration() -> EnumDescriptorProto {
    let zero = EnumValueDescriptorProto {
        name: Some("ZERO".to_owned()),
        number: Some(0),
        ..EnumValueDescriptorProto::default()
    };
    EnumDescriptorProto {
        name: Some("E".to_owned()),
        value: vec![zero],
        ..EnumDescriptorProto::default()
    }
}

fn file() -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some("t.proto".to_owned()),
        package: Some("t".to_owned()),
        syntax: Some("proto3".to_owned()),
        ..FileDescriptorProto::default()
    }
}

fn read(file: impl IntoIterator<Item = FileDescriptorProto>) -> Result<Schema, Error> {
    Schema::from_file_descriptor_set(&FileDescriptorSet { file: file.into_iter().collect() })
}

fn with_message(message: DescriptorProto) -> FileDescriptorProto {
    FileDescriptorProto { message_type: vec![message], ..file() }
}

fn with_enum(it: EnumDescriptorProto) -> FileDescriptorProto {
    FileDescriptorProto { enum_type: vec![it], ..file() }
}

#[track_caller]
fn assert_refused(file: FileDescriptorProto, reason: &str) {
    let error = read([file]).expect_err(reason);
    assert_eq!(error.to_string(), format!("t.proto: {reason}"));
}

#[test]
fn numbers_are_those_that_protobuf_has() {
    for number in [1, 18_999, 20_000, 536_870_911] {
        read([with_message(message([field("a", number)]))]).unwrap();
    }
    for number in [0, 19_000, 19_999, 536_870_912] {
        let reason = format!("{number} cannot be the number of a field of t.M");
        assert_refused(with_message(message([field("a", number)])), &reason);
    }
    let twice = message([field("a", 1), field("b", 1)]);
    assert_refused(with_message(twice), "t.M has two fields with the number 1");
}

#[test]
fn a_name_in_json_is_that_of_one_field() {
    let usual = message([field("a_b", 1), field("aB", 2)]);
    let mut given = message([field("a", 1), field("b", 2)]);
    given.field[0].json_name = Some("b".to_owned());
    for (message, name) in [(usual, "aB"), (given, "b")] {
        let reason = format!("t.M has two fields that are called {name} in JSON");
        assert_refused(with_message(message), &reason);
    }
}

#[test]
fn what_is_reserved_is_not_used() {
    let range = ReservedRange { start: Some(1), end: Some(4) };
    let number =
        |used| DescriptorProto { reserved_range: vec![range], ..message([field("a", used)]) };
    // The range of a message ends before its end.
    read([with_message(number(4))]).unwrap();
    assert_refused(with_message(number(3)), "t.M uses the number 3, which it reserves");
    let name = DescriptorProto { reserved_name: vec!["a".to_owned()], ..message([field("a", 1)]) };
    assert_refused(with_message(name), "t.M uses the name a, which it reserves");

    let name = EnumDescriptorProto { reserved_name: vec!["ZERO".to_owned()], ..enumeration() };
    // That of an enumeration ends with it.
    let range = EnumReservedRange { start: Some(-1), end: Some(0) };
    let number = EnumDescriptorProto { reserved_range: vec![range], ..enumeration() };
    for it in [name, number] {
        assert_refused(with_enum(it), "t.E uses ZERO = 0, which it reserves");
    }
}

#[test]
fn what_is_not_read_is_not_passed_over() {
    let range = ExtensionRange { start: Some(100), end: Some(200), options: None };
    let ranges = DescriptorProto { extension_range: vec![range], ..message([]) };
    let inside = DescriptorProto { extension: vec![field("a", 100)], ..message([]) };
    for message in [ranges, inside] {
        assert_refused(with_message(message), "extensions of M are not read");
    }
    let beside = FileDescriptorProto { extension: vec![field("a", 100)], ..file() };
    assert_refused(beside, "extensions are not read");
    let edition = FileDescriptorProto { syntax: Some("editions".to_owned()), ..file() };
    assert_refused(edition, "syntax editions is not read");
    let mut group = message([field("a", 1)]);
    group.field[0].set_type(Type::Group);
    assert_refused(with_message(group), "field a is a group, which is not read");
}

#[test]
fn a_map_has_a_scalar_for_a_key() {
    let mut entries = field("a", 1);
    entries.set_label(Label::Repeated);
    entries.set_type(Type::Message);
    entries.type_name = Some(".t.M.AEntry".to_owned());
    let (mut key, value) = (field("key", 1), field("value", 2));
    key.set_type(Type::Enum);
    let entry = DescriptorProto {
        name: Some("AEntry".to_owned()),
        field: vec![key, value],
        options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
        ..DescriptorProto::default()
    };
    let map = DescriptorProto { nested_type: vec![entry], ..message([entries]) };
    assert_refused(with_message(map), "field a is a map with an unknown key");
}

#[test]
fn what_is_used_is_defined() {
    let mut lost = field("a", 1);
    lost.set_type(Type::Message);
    lost.type_name = Some(".t.Lost".to_owned());
    assert_refused(with_message(message([lost])), "t.Lost is used and not defined");
}

#[test]
fn a_file_may_come_twice_but_not_in_two_versions() {
    let one = || with_message(message([field("a", 1)]));
    let other = with_message(message([field("b", 1)]));
    assert_eq!(read([one(), one()]), read([one()]));
    let error = read([one(), other]).unwrap_err();
    assert_eq!(error, Error::TwoDefinitions { name: "t.proto".to_owned() });
}
