//! Random schemas, over every kind of field, survive the way through the text.
//!
//! The descriptors are made here, not by the library; a compiler that knows nothing of it reads the
//! text back.

mod random;

use std::collections::BTreeSet;

pub(crate) use random::Random;
use traitwire::schema::Schema;

use crate::{assert_reads_back, comments, compiled, without_places};

const ROUNDS: u64 = 150;

#[test]
fn random_schemas_come_back_from_their_text() {
    for seed in 0..ROUNDS {
        let set = Random(seed).set();
        let schema = match Schema::from_file_descriptor_set(&set) {
            Ok(schema) => schema,
            Err(error) => panic!("seed {seed}: {error}\n{set:#?}"),
        };
        let back = compiled(&schema);
        for file in &set.file[1..] {
            let read = back.file.iter().find(|it| it.name() == file.name()).expect("the file");
            assert_eq!(without_places(file), without_places(read), "seed {seed}\n{schema}");
            assert_eq!(comments(file), comments(read), "seed {seed}\n{schema}");
        }
        assert_reads_back(&schema);
        let text = schema.to_string();
        assert_eq!(Schema::parse(&text).unwrap().to_string(), text, "seed {seed}");
        assert_eq!(schema.changes_since(&schema), [], "seed {seed}");
    }
}

#[test]
fn the_random_schemas_use_every_kind_of_field() {
    let mut kinds = BTreeSet::new();
    for seed in 0..ROUNDS {
        for file in Random(seed).set().file {
            for message in &file.message_type {
                kinds.extend(message.field.iter().map(|it| (it.r#type, it.label)));
            }
        }
    }
    // 17 types, each singular, repeated and required.
    assert_eq!(kinds.len(), 17 * 3);
}
