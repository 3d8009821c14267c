//! The messages of `kinds.rs`, as `#[message]` has them. They know nothing of prost: a test compiles
//! them where there is none.

use std::collections::{BTreeMap, HashMap};

use traitwire::{
    message,
    prost::bytes::Bytes,
    well_known::{Duration, Timestamp},
};

/// One field of each kind.
///
/// And a comment of two paragraphs.
#[message(
    package = "kinds.v1",
    file = "kinds/v1/kinds.proto",
    reserved(100, 110..=119, 200..205, 1000.., "old_name", "older_name")
)]
pub struct Kinds {
    #[tag(1)]
    pub double: f64,
    #[tag(2)]
    pub float: f32,
    #[tag(3)]
    pub int32: i32,
    #[tag(4)]
    pub int64: i64,
    #[tag(5)]
    pub uint32: u32,
    #[tag(6)]
    pub uint64: u64,
    #[tag(7, sint32)]
    pub sint32: i32,
    #[tag(8, sint64)]
    pub sint64: i64,
    #[tag(9, fixed32)]
    pub fixed32: u32,
    #[tag(10, fixed64)]
    pub fixed64: u64,
    #[tag(11, sfixed32)]
    pub sfixed32: i32,
    #[tag(12, sfixed64)]
    pub sfixed64: i64,
    #[tag(13)]
    pub bool: bool,
    /// A text.
    #[tag(14)]
    pub string: String,
    #[tag(15)]
    pub bytes: Vec<u8>,
    #[tag(16)]
    pub shared: Bytes,
    #[tag(17, enumeration = Colour)]
    pub colour: i32,
    #[tag(18)]
    pub inner: Option<Inner>,
    #[tag(19)]
    pub in_a_box: Option<Box<Inner>>,
    /// Contains itself.
    #[tag(20)]
    pub parent: Option<Box<Kinds>>,
    #[tag(21)]
    pub maybe: Option<String>,
    #[tag(22, enumeration = Colour)]
    pub maybe_colour: Option<i32>,
    #[tag(23)]
    pub packed: Vec<u32>,
    #[tag(24, packed = false)]
    pub unpacked: Vec<u32>,
    #[tag(25)]
    pub strings: Vec<String>,
    #[tag(26)]
    pub inners: Vec<Inner>,
    #[tag(27, enumeration = Colour)]
    pub colours: Vec<i32>,
    #[tag(28)]
    pub by_name: HashMap<String, Inner>,
    #[tag(29, map(int32, enumeration = Colour))]
    pub by_number: BTreeMap<i32, i32>,
    #[tag(30)]
    pub by_bool: HashMap<bool, Vec<u8>>,
    /// One of these.
    #[oneof(31, 32, 33)]
    pub choice: Option<Choice>,
    #[tag(34, message)]
    pub wrapped: Option<String>,
    #[tag(35)]
    pub at: Option<Timestamp>,
    #[tag(36)]
    pub nothing: Option<()>,
    #[deprecated]
    #[tag(37, json_name = "veteran")]
    pub old: i32,
    #[tag(38, name = "newName")]
    pub renamed: i32,
    #[tag(39)]
    pub r#type: i32,
}

/// What the field's own comment hides.
#[message]
pub enum Choice {
    /// A name.
    #[tag(31)]
    Name(String),
    #[tag(32)]
    ItsInner(Inner),
    #[tag(33, enumeration = Colour, name = "hue")]
    Colour(i32),
}

/// Defined inside the message that uses it.
#[message(package = "kinds.v1", name = "Kinds.Inner")]
pub struct Inner {
    #[tag(1, enumeration = Depth)]
    pub depth: i32,
}

#[message(package = "kinds.v1", name = "Kinds.Inner.Depth")]
pub enum Depth {
    Flat = 0,
    Deep = 1,
}

/// Colours.
#[message(package = "kinds.v1", file = "kinds/v1/colour.proto", reserved(7, "COLOUR_PINK"))]
pub enum Colour {
    Unspecified = 0,
    /// As the sky.
    DeepBlue = 1,
    #[deprecated]
    Infrared = -2,
    #[tag(name = "COLOUR_ROUGE")]
    Red = 3,
}

/// What only proto2 has.
#[message(package = "kinds.v1", file = "kinds/v1/legacy.proto")]
pub struct Legacy {
    #[tag(1, required, name = "must")]
    pub required: i32,
    #[tag(2, default = -7)]
    pub seven: Option<i32>,
    #[tag(3, default = "say \"hi\"\n")]
    pub text: String,
    #[tag(4, default = b"\x00\xffz")]
    pub bytes: Vec<u8>,
    #[tag(5, default = true)]
    pub yes: bool,
    #[tag(6, default = 1.5)]
    pub half: f64,
    #[tag(7, enumeration = Colour, default = "DeepBlue")]
    pub colour: i32,
    #[tag(8)]
    pub packed: Vec<i32>,
    #[tag(9, packed = false)]
    pub unpacked: Vec<i32>,
    #[tag(10)]
    pub message: Option<Inner>,
    #[tag(11, required)]
    pub always: Inner,
}

type Id = String;
type Number = i64;

/// What no type above has shown.
#[allow(clippy::vec_box)] // to see that it is a list of messages too
#[message]
pub struct Others {
    #[tag(1, string)]
    pub alias: Id,
    #[tag(2, sint64)]
    pub aliases: Vec<Number>,
    #[tag(3, map(string, message))]
    pub alias_of_a_key: HashMap<Id, Others>,
    #[tag(4, map(sfixed64, fixed32))]
    pub fixed: BTreeMap<i64, u32>,
    #[tag(5)]
    pub shared: Vec<Bytes>,
    #[tag(6)]
    pub maybe: Option<Bytes>,
    #[tag(7)]
    pub by_name: HashMap<String, Bytes>,
    #[tag(8)]
    pub took: Option<Duration>,
    #[tag(9)]
    pub boxed: Vec<Box<Others>>,
    #[tag(10, message)]
    pub wrappers: Vec<u64>,
    #[oneof(11, 12, name = "one_of_two")]
    pub either: Option<Either>,
}

/// Contains the message that contains it.
#[message]
pub enum Either {
    #[tag(11)]
    Others(Box<Others>),
    #[tag(12, sfixed32)]
    Number(i32),
}
