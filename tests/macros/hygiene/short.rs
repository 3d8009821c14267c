//! `#[message]` wherever a type may stand, and beside other attributes.

#![deny(warnings)]
#![allow(clippy::mixed_attributes_style, reason = "conditions are the point")]

use std::collections::BTreeMap;

use traitwire::{
    Describe,
    describe::{FieldKind, Member},
    message,
    prost::Message,
};

/// A crate that passes traitwire on.
mod facade {
    pub use traitwire as wire;
}

/// With derives of its own, below and above.
#[derive(Eq)]
#[message(crate = "facade::wire", package = "renamed")]
#[derive(Hash, PartialOrd)]
#[must_use]
pub struct Keyed {
    /// A key.
    #[tag(1)]
    pub key: String,
}

/// Whose parts are old.
#[message]
pub struct Old {
    /// Old.
    #[deprecated]
    #[tag(1, enumeration = OldState)]
    pub state: i32,
    /// And sorted, which is printed otherwise.
    #[deprecated]
    #[tag(2, map(string, enumeration = OldState))]
    pub states: BTreeMap<String, i32>,
    /// And chosen.
    #[deprecated]
    #[oneof(3, 4)]
    pub choice: Option<OldChoice>,
}

/// Old.
#[message]
pub enum OldState {
    /// Not as old.
    Unknown = 0,
    /// Old.
    #[deprecated]
    Retired = 1,
}

/// Old.
#[message]
pub enum OldChoice {
    /// Old.
    #[deprecated]
    #[tag(3)]
    Text(String),
    /// Old.
    #[deprecated]
    #[tag(4, enumeration = OldState)]
    State(i32),
}

/// Keywords.
#[message]
pub struct r#Match {
    /// A type.
    #[tag(1, enumeration = r#Move)]
    pub r#type: i32,
    /// Itself.
    #[tag(2)]
    pub r#match: Option<Box<r#Match>>,
}

/// Keywords.
#[message]
pub enum r#Move {
    /// A keyword.
    r#True = 0,
}

/// Some of it is there.
#[message]
#[cfg(test)]
pub struct Parts {
    /// There.
    #[cfg(test)]
    #[tag(1)]
    pub text: String,
    /// Not there, though it has the number.
    #[cfg(not(test))]
    #[tag(1)]
    pub number: Option<Missing>,
    /// One of those that are there.
    #[oneof(2)]
    pub part: Option<Part>,
    /// A field.
    #[cfg_attr(test, deprecated)]
    #[tag(4, enumeration = PartState)]
    pub state: i32,
}

/// One of the parts.
#[message]
pub enum Part {
    /// There.
    #[tag(2)]
    There(String),
    /// Not there.
    #[cfg(not(test))]
    #[tag(3)]
    NotThere(Missing),
}

/// How it is.
#[message]
pub enum PartState {
    /// Not there.
    #[cfg(not(test))]
    Missing = 0,
    /// There.
    #[cfg(test)]
    There = 0,
}

/// Not there at all, and nobody asks what is wrong with it.
#[message]
#[cfg(not(test))]
pub struct Absent {
    number: Missing,
}

macro_rules! messages {
    ($($name:ident { $($field:ident: $ty:ty = $number:literal $(, $word:ident)?;)* })*) => {
        $(
            /// Made by a macro.
            #[message(package = "made")]
            pub struct $name {
                $(
                    /// Made by a macro.
                    #[tag($number $(, $word)?)]
                    pub $field: $ty,
                )*
            }
        )*
    };
}

messages! {
    Made {
        text: String = 1;
        delta: Option<i64> = 2, sint64;
        more: Vec<Made> = 3;
        bytes: Vec<u8> = 4;
        names: BTreeMap<String, Vec<u8>> = 5;
    }
}

/// Names that are also those of Rust.
mod named {
    use traitwire::{message, prost::Message};

    macro_rules! messages {
        ($($message:ident)*) => {
            $(
                /// A message.
                #[message]
                pub struct $message {
                    /// A number.
                    #[tag(1)]
                    pub number: i32,
                    /// Itself.
                    #[tag(2, message)]
                    pub next: std::option::Option<std::boxed::Box<super::Made>>,
                }
            )*

            pub(super) fn encoded() -> std::vec::Vec<std::vec::Vec<u8>> {
                vec![$($message { number: 1, next: None }.encode_to_vec()),*]
            }
        };
    }

    messages!(Result Request Response Status String Vec Streaming Send Sync Future Arc Default);
}

#[test]
fn a_message_may_stand_in_a_function() {
    #[message]
    struct Local {
        #[tag(1, enumeration = Kind)]
        kind: i32,
        #[oneof(2)]
        one: Option<One>,
    }
    #[message]
    enum Kind {
        None = 0,
        Some = 1,
    }
    #[message]
    enum One {
        #[tag(2)]
        Text(String),
    }

    let local = Local { kind: Kind::Some.into(), one: Some(One::Text("two".to_owned())) };
    assert_eq!(local.encode_to_vec(), b"\x08\x01\x12\x03two");
    assert_eq!((local.kind(), Kind::default()), (Kind::Some, Kind::None));
}

#[test]
fn conditions_are_those_of_the_members() {
    let names = Parts::DESCRIPTOR.members.iter().map(|it| match it {
        Member::Field(field) => (field.name, field.number),
        Member::Oneof { name, .. } => (*name, 0),
    });
    assert_eq!(names.collect::<Vec<_>>(), [("text", 1), ("part", 0), ("state", 4)]);
    assert_eq!(Part::DESCRIPTOR.fields.len(), 1);
    assert_eq!(PartState::DESCRIPTOR.values.len(), 1);
}

#[test]
fn what_another_macro_inserts_is_seen_through() {
    let Member::Field(names) = &Made::DESCRIPTOR.members[4] else { panic!("a field") };
    assert!(matches!(names.kind, FieldKind::Map(..)));
    let made = Made { delta: Some(-1), bytes: vec![0], ..Made::default() };
    assert_eq!(made.encode_to_vec(), [0x10, 1, 0x22, 1, 0]);
}

#[test]
fn a_message_may_have_any_name_and_other_derives() {
    assert_eq!(named::encoded(), vec![vec![8, 1]; 12]);
    assert!(std::collections::HashSet::from([Keyed::default()]).contains(&Keyed::default()));
    assert_eq!(r#Match::DESCRIPTOR.name, "Match");
    assert_eq!(r#Move::DESCRIPTOR.values[0].name, "MOVE_TRUE");
}

#[test]
#[expect(deprecated, reason = "it is old")]
fn what_is_old_is_described_as_old() {
    let old = Old { state: 1, states: [("a".to_owned(), 1)].into(), choice: None };
    assert_eq!(format!("{old:?}"), "Old { state: 1, states: {\"a\": 1}, choice: None }");
    let Member::Field(state) = &Old::DESCRIPTOR.members[0] else { panic!("a field") };
    assert!(state.deprecated && OldState::DESCRIPTOR.values[1].deprecated);
    assert!(OldChoice::DESCRIPTOR.fields.iter().all(|it| it.deprecated));
}
