//! What a schema costs grows with its size and not faster.

use std::{fs, time::Duration};

use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use traitwire::schema::Schema;
use traitwire_tests::skipped;

/// Messages of five fields, each with another one inside; every tenth begins a file.
fn set(messages: usize) -> FileDescriptorSet {
    let file = |index: usize| FileDescriptorProto {
        name: Some(format!("large/v1/file{index}.proto")),
        package: Some("large.v1".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: (0..10).map(|it| message(&format!("M{}", index * 10 + it))).collect(),
        ..FileDescriptorProto::default()
    };
    FileDescriptorSet { file: (0..messages / 10).map(file).collect() }
}

fn message(name: &str) -> DescriptorProto {
    let mut fields: Vec<_> = (1..5).map(|it| field(&format!("field_{it}"), it)).collect();
    let mut inner = field("inner", 5);
    inner.set_type(Type::Message);
    inner.type_name = Some(format!(".large.v1.{name}.Inner"));
    fields.push(inner);
    let nested = DescriptorProto {
        name: Some("Inner".to_owned()),
        field: vec![field("value", 1)],
        ..DescriptorProto::default()
    };
    DescriptorProto {
        name: Some(name.to_owned()),
        field: fields,
        nested_type: vec![nested],
        ..DescriptorProto::default()
    }
}

fn field(name: &str, number: i32) -> FieldDescriptorProto {
    let mut field = FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        ..FieldDescriptorProto::default()
    };
    field.set_type(Type::String);
    field.set_label(Label::Optional);
    field
}

/// How long this thread has run, whatever else the machine does.
fn now() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// How long it takes to make and render a schema, to read it, and to compare it with itself.
fn times(messages: usize) -> Option<[Duration; 3]> {
    let set = set(messages);
    let mut best = [Duration::MAX; 3];
    for _ in 0..3 {
        let begin = now()?;
        let schema = Schema::from_file_descriptor_set(&set).expect("a schema");
        let text = schema.to_string();
        let rendered = now()? - begin;
        let read = Schema::parse(&text).expect("it reads back");
        let parsed = now()? - begin - rendered;
        assert_eq!(read.changes_since(&schema), []);
        let compared = now()? - begin - rendered - parsed;
        for (best, it) in best.iter_mut().zip([rendered, parsed, compared]) {
            *best = it.min(*best);
        }
    }
    Some(best)
}

/// The figures: `cargo test -p traitwire-tests --test contract large -- --nocapture`.
#[test]
fn a_schema_of_many_messages_takes_a_time_that_is_linear_in_their_number() {
    let sizes = [250, 500, 1000, 2000];
    let all: Vec<_> = sizes.into_iter().filter_map(times).collect();
    if all.is_empty() {
        return skipped("no /proc/thread-self/schedstat");
    }
    for (size, [rendered, read, compared]) in sizes.iter().zip(&all) {
        println!("{size} messages: rendered {rendered:?}, read {read:?}, compared {compared:?}");
    }
    // Eight times as long, and room for a busy machine; a quadratic one would take 64 times.
    for (small, large) in all[0].iter().zip(&all[3]) {
        assert!(*large < *small * 32, "{all:?}");
    }
}
