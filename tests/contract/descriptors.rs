//! What is known of services and messages as data, and that protobuf's own files are Google's.

use std::{collections::HashSet, fmt::Debug, hash::Hash};

use bytes::Bytes;
use protox::{Compiler, file::GoogleFileResolver};
use traitwire::{
    Describe, Message, Status, TypeRef,
    describe::{EnumDescriptor, MessageDescriptor, Scalar},
    schema::Schema,
    service,
};

use crate::without_places;

#[derive(Clone, PartialEq, prost::Message, Describe)]
struct Bare {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[repr(i32)]
enum Either {
    This = 0,
}

#[service]
trait Nowhere {
    async fn get(&self, bare: Bare) -> Result<Option64, Status>;
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "far.away")]
struct Option64 {}

#[test]
fn a_name_without_a_package_stands_alone() {
    assert_eq!(NOWHERE.full_name(), "Nowhere");
    assert_eq!(NOWHERE.methods[0].path, "/Nowhere/Get");
    assert_eq!(NOWHERE.methods[0].input.full_name(), "Bare");
    assert_eq!(NOWHERE.methods[0].output.full_name(), "far.away.Option64");
    assert_eq!(Bare::DESCRIPTOR.full_name(), "Bare");
    assert_eq!(Either::DESCRIPTOR.full_name(), "Either");
}

#[test]
fn references_are_the_same_when_package_and_name_are() {
    let here = NOWHERE.methods[0].input;
    let changed = |change: fn(&mut TypeRef)| {
        let mut changed = here;
        change(&mut changed);
        changed
    };
    let nameless = changed(|it| it.name = "Other");
    let elsewhere = changed(|it| it.package = "far.away");
    let without = changed(|it| it.describe = None);
    assert!(here != nameless && here != elsewhere && here == without);
    assert_eq!(HashSet::from([here, nameless, elsewhere, without]).len(), 3);
}

#[test]
fn what_holds_a_message_is_described_by_it() {
    type Containers = Option<Box<Vec<std::collections::BTreeMap<String, Bare>>>>;
    fn of<D: Describe<Descriptor = MessageDescriptor>>() -> String {
        D::DESCRIPTOR.full_name()
    }
    assert_eq!(of::<Containers>(), "Bare");
    assert_eq!(of::<std::collections::HashMap<String, Bare>>(), "Bare");
}

#[test]
fn every_scalar_has_a_name_of_its_own() {
    fn different<T: Hash + Eq + Debug>(all: impl Iterator<Item = T>) -> usize {
        all.collect::<HashSet<_>>().len()
    }
    assert_eq!(different(Scalar::ALL.iter()), 15);
    assert_eq!(different(Scalar::ALL.iter().map(|it| it.name())), 15);
}

/// Checks that a definition has the name of its type on the wire.
fn named<M: Message + Describe<Descriptor = MessageDescriptor>>() -> &'static MessageDescriptor {
    assert_eq!(M::DESCRIPTOR.full_name(), M::full_name());
    M::DESCRIPTOR
}

#[test]
fn protobufs_own_messages_are_those_that_google_has() {
    let named = [
        named::<f64>(),
        named::<f32>(),
        named::<i64>(),
        named::<u64>(),
        named::<i32>(),
        named::<u32>(),
        named::<bool>(),
        named::<String>(),
        named::<Vec<u8>>(),
        named::<Bytes>(),
        named::<()>(),
        named::<prost_types::Any>(),
        named::<prost_types::Duration>(),
        named::<prost_types::Timestamp>(),
    ];
    // These have no name in prost.
    let nameless = [
        ("google.protobuf.FieldMask", prost_types::FieldMask::DESCRIPTOR),
        ("google.protobuf.ListValue", prost_types::ListValue::DESCRIPTOR),
        ("google.protobuf.Struct", prost_types::Struct::DESCRIPTOR),
        ("google.protobuf.Value", prost_types::Value::DESCRIPTOR),
    ];
    for (name, it) in nameless {
        assert_eq!(it.full_name(), name);
    }
    let null: &EnumDescriptor = prost_types::NullValue::DESCRIPTOR;
    assert_eq!(null.full_name(), "google.protobuf.NullValue");

    let messages = [&named[..], &nameless.map(|(_, it)| it)].concat();
    let ours = Schema::with_messages(&[], &messages).unwrap().file_descriptor_set();
    assert_eq!(ours.file.len(), 7);
    for mut ours in ours.file {
        let mut google = Compiler::with_file_resolver(GoogleFileResolver::new());
        google.open_file(ours.name()).unwrap();
        let mut theirs = google.file_descriptor_set().file.remove(0);
        // What other languages make of it.
        theirs.options = None;
        ours.options = None;
        assert_eq!(without_places(&ours), without_places(&theirs));
    }
}
