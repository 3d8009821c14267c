//! Every kind of field that prost has, and every key of `#[describe]`, comes out as protobuf.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use prost::Name;
use traitwire::{Describe, schema::Schema};

use crate::assert_reads_back;

/// One field of each kind.
///
/// And a comment of two paragraphs.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "kinds.v1", file = "kinds/v1/kinds.proto")]
#[describe(reserved(100, 110..=119, 200..205, 1000.., "old_name", "older_name"))]
pub(crate) struct Kinds {
    #[prost(double, tag = "1")]
    double: f64,
    #[prost(float, tag = "2")]
    float: f32,
    #[prost(int32, tag = "3")]
    int32: i32,
    #[prost(int64, tag = "4")]
    int64: i64,
    #[prost(uint32, tag = "5")]
    uint32: u32,
    #[prost(uint64, tag = "6")]
    uint64: u64,
    #[prost(sint32, tag = "7")]
    sint32: i32,
    #[prost(sint64, tag = "8")]
    sint64: i64,
    #[prost(fixed32, tag = "9")]
    fixed32: u32,
    #[prost(fixed64, tag = "10")]
    fixed64: u64,
    #[prost(sfixed32, tag = "11")]
    sfixed32: i32,
    #[prost(sfixed64, tag = "12")]
    sfixed64: i64,
    #[prost(bool, tag = "13")]
    bool: bool,
    /// A text.
    #[prost(string, tag = "14")]
    string: String,
    #[prost(bytes, tag = "15")]
    bytes: Vec<u8>,
    #[prost(bytes = "bytes", tag = 16)]
    shared: Bytes,
    #[prost(enumeration = "Colour", tag = "17")]
    colour: i32,
    #[prost(message, optional, tag = "18")]
    inner: Option<Inner>,
    #[prost(message, optional, boxed, tag = "19")]
    in_a_box: Option<Box<Inner>>,
    /// Contains itself.
    #[prost(message, optional, boxed, tag = "20")]
    parent: Option<Box<Kinds>>,
    #[prost(string, optional, tag = "21")]
    maybe: Option<String>,
    #[prost(enumeration(Colour), optional, tag(22))]
    maybe_colour: Option<i32>,
    #[prost(uint32, repeated, tag = "23")]
    packed: Vec<u32>,
    #[prost(uint32, repeated, packed = "false", tag = "24")]
    unpacked: Vec<u32>,
    #[prost(string, repeated, tag = "25")]
    strings: Vec<String>,
    #[prost(message, repeated, tag = "26")]
    inners: Vec<Inner>,
    #[prost(enumeration = "Colour", repeated, tag = "27")]
    colours: Vec<i32>,
    #[prost(map = "string, message", tag = "28")]
    by_name: HashMap<String, Inner>,
    #[prost(btree_map = "int32, enumeration(Colour)", tag = "29")]
    by_number: BTreeMap<i32, i32>,
    #[prost(map(bool, bytes), tag = "30")]
    by_bool: HashMap<bool, Vec<u8>>,
    /// One of these.
    #[prost(oneof = "Choice", tags = "31, 32, 33")]
    choice: Option<Choice>,
    #[prost(message, optional, tag = "34")]
    wrapped: Option<String>,
    #[prost(message, optional, tag = "35")]
    at: Option<prost_types::Timestamp>,
    #[prost(message, optional, tag = "36")]
    nothing: Option<()>,
    #[deprecated]
    #[prost(int32, tag = "37")]
    #[describe(json_name = "veteran")]
    old: i32,
    #[prost(int32, tag = "38")]
    #[describe(name = "newName")]
    renamed: i32,
    #[prost(int32, tag = "39")]
    r#type: i32,
}

/// What the field's own comment hides.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub(crate) enum Choice {
    /// A name.
    #[prost(string, tag = "31")]
    Name(String),
    #[prost(message, tag = "32")]
    ItsInner(Inner),
    #[prost(enumeration = "Colour", tag = "33")]
    #[describe(name = "hue")]
    Colour(i32),
}

/// Defined inside the message that uses it.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "kinds.v1", name = "Kinds.Inner")]
pub(crate) struct Inner {
    #[prost(enumeration = "Depth", tag = "1")]
    depth: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[describe(package = "kinds.v1", name = "Kinds.Inner.Depth")]
#[repr(i32)]
pub(crate) enum Depth {
    Flat = 0,
    Deep = 1,
}

/// Colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[describe(package = "kinds.v1", file = "kinds/v1/colour.proto", reserved(7, "COLOUR_PINK"))]
#[repr(i32)]
pub(crate) enum Colour {
    Unspecified = 0,
    /// As the sky.
    DeepBlue = 1,
    #[deprecated]
    Infrared = -2,
    #[describe(name = "COLOUR_ROUGE")]
    Red = 3,
}

/// What only proto2 has.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "kinds.v1", file = "kinds/v1/legacy.proto")]
pub(crate) struct Legacy {
    #[prost(int32, required, tag = "1")]
    #[describe(name = "must")]
    required: i32,
    #[prost(int32, optional, tag = "2", default = "-7")]
    seven: Option<i32>,
    #[prost(string, tag = "3", default = "say \"hi\"\n")]
    text: String,
    #[prost(bytes = "vec", tag = "4", default = b"\x00\xffz")]
    bytes: Vec<u8>,
    #[prost(bool, tag = "5", default = true)]
    yes: bool,
    #[prost(double, tag = "6", default = 1.5)]
    half: f64,
    #[prost(enumeration = "Colour", tag = "7", default = "DeepBlue")]
    colour: i32,
    #[prost(int32, repeated, tag = "8")]
    packed: Vec<i32>,
    #[prost(int32, repeated, packed = "false", tag = "9")]
    unpacked: Vec<i32>,
    #[prost(message, optional, tag = "10")]
    message: Option<Inner>,
    #[prost(message, required, tag = "11")]
    always: Inner,
}

pub(crate) fn schema() -> Schema {
    Schema::with_messages(&[], &[Kinds::DESCRIPTOR, Legacy::DESCRIPTOR]).unwrap()
}

#[test]
fn every_kind_of_field_is_written_as_people_write_it() {
    let text = |name: &str| {
        let schema = schema();
        schema.files().find(|file| file.name() == name).unwrap().to_string()
    };
    assert_eq!(text("kinds/v1/kinds.proto"), include_str!("proto/kinds/v1/kinds.proto"));
    assert_eq!(text("kinds/v1/colour.proto"), include_str!("proto/kinds/v1/colour.proto"));
    assert_eq!(text("kinds/v1/legacy.proto"), include_str!("proto/kinds/v1/legacy.proto"));
}

#[test]
fn a_compiler_reads_every_kind_back() {
    assert_reads_back(&schema());
}

#[test]
fn the_text_is_the_same_each_time() {
    assert_eq!(schema().to_string(), schema().to_string());
}

#[test]
fn a_message_has_its_name() {
    assert_eq!(Kinds::full_name(), "kinds.v1.Kinds");
    assert_eq!(Inner::full_name(), "kinds.v1.Kinds.Inner");
}

#[test]
fn descriptors_come_back_from_a_set() {
    let schema = schema();
    let set = schema.file_descriptor_set();
    assert_eq!(Schema::from_file_descriptor_set(&set).unwrap(), schema);
}
