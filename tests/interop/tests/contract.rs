//! The trait and the `.proto` of the cases say the same.

use interop::contract::{TEST_SERVICE, UNIMPLEMENTED_SERVICE};
use prost::Message;
use prost_types::FileDescriptorSet;
use traitwire::schema::Schema;

#[test]
fn the_trait_and_the_proto_agree() {
    let proto = &include_bytes!(concat!(env!("OUT_DIR"), "/testing.bin"))[..];
    let proto = FileDescriptorSet::decode(proto).unwrap();
    let schema = Schema::of(&[&TEST_SERVICE, &UNIMPLEMENTED_SERVICE]).unwrap();
    assert_eq!(without_comments(schema.file_descriptor_set()), without_comments(proto));
}

/// As text, so that a difference can be read, and in one order.
fn without_comments(mut set: FileDescriptorSet) -> String {
    for file in &mut set.file {
        file.source_code_info = None;
        file.message_type.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Schema::from_file_descriptor_set(&set).unwrap().to_string()
}
