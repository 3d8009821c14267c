//! Random schemas, over everything that a `.proto` can say, survive the way through the text.
//!
//! The descriptors are made here, not by the library; a compiler that knows nothing of it reads the
//! text back. What the library refuses is left out, so that the rest must be right.

mod pools;
mod random;

use std::{collections::BTreeSet, env, thread};

pub(crate) use pools::Random;
use prost_types::{DescriptorProto, FileDescriptorProto, field_descriptor_proto::Type};
use traitwire::schema::Schema;

use crate::{assert_same, compiled, without_places};

/// How many a run tries; the gate tries 10,000. More of them, and others:
/// `CASES=1000000 SEED=7 cargo test -p traitwire-tests --test contract random_schemas`
const CASES: u64 = 1_000;
const SEED: u64 = 2026;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|it| it.parse().expect("a number"))
}

/// The schema of one seed, if there is one, with what it was made of.
pub(crate) fn schema(seed: u64) -> Option<(prost_types::FileDescriptorSet, Schema)> {
    let set = Random(seed).set();
    let schema = Schema::from_file_descriptor_set(&set).ok()?;
    Some((set, schema))
}

/// Whether there is a schema; if so, it comes back from its text.
fn comes_back(seed: u64) -> bool {
    let Some((set, schema)) = schema(seed) else { return false };
    let text = schema.to_string();
    let back = compiled(&schema);
    for file in &set.file[1..] {
        let read = back.file.iter().find(|it| it.name() == file.name()).expect("the file");
        assert_eq!(plain(file), plain(read), "seed {seed}\n{text}");
    }
    assert_same(&schema, back);
    let read = Schema::parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    assert_eq!(read.to_string(), text, "seed {seed}");
    assert_eq!(read.changes_since(&schema), [], "seed {seed}");
    true
}

#[test]
fn random_schemas_come_back_from_their_text() {
    let cases = number("CASES").unwrap_or(CASES);
    let first = number("SEED").unwrap_or(SEED) << 32;
    let threads = thread::available_parallelism().map_or(1, |it| it.get() as u64);
    // Each takes the seeds of its own until it has its share of schemas.
    let tried = thread::scope(|scope| {
        let share = |thread| {
            move || {
                let seeds = (first + thread..).step_by(threads as usize);
                let mut tried = 0;
                let accepted = seeds.inspect(|_| tried += 1).filter(|&seed| comes_back(seed));
                accepted.take(cases.div_ceil(threads) as usize).for_each(drop);
                tried
            }
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(share(thread))).collect();
        running.into_iter().map(|it| it.join().expect("no failure")).sum::<u64>()
    });
    println!("{cases} schemas, of {tried} that were tried");
    assert!(tried < cases * 4, "{tried} were tried for {cases}: most are refused");
}

#[test]
fn the_random_schemas_use_every_kind_of_field() {
    fn fields(messages: &[DescriptorProto], kinds: &mut BTreeSet<(Option<i32>, Option<i32>)>) {
        for message in messages {
            kinds.extend(message.field.iter().map(|it| (it.r#type, it.label)));
            fields(&message.nested_type, kinds);
        }
    }

    let mut kinds = BTreeSet::new();
    for (set, _) in (0..2000).filter_map(schema) {
        set.file.iter().for_each(|file| fields(&file.message_type, &mut kinds));
    }
    // 17 types, each singular, repeated and required.
    assert_eq!(kinds.len(), 17 * 3);
}

/// A file as the library was given it: without imports, which it finds by itself.
fn plain(file: &FileDescriptorProto) -> FileDescriptorProto {
    FileDescriptorProto { dependency: Vec::new(), ..without_places(file) }
}

/// Gives floating-point defaults one form.
pub(crate) fn plain_defaults(messages: &mut [DescriptorProto]) {
    for message in messages {
        plain_defaults(&mut message.nested_type);
        for field in &mut message.field {
            let ty = field.r#type();
            let Some(default) = &mut field.default_value else { continue };
            match ty {
                Type::Float => *default = default.parse::<f32>().expect("a float").to_string(),
                Type::Double => *default = default.parse::<f64>().expect("a double").to_string(),
                _ => {}
            }
        }
    }
}
