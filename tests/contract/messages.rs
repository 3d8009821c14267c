//! `#[message]` says in short what the long form says: the same contract, and the same bytes.

use std::{path::Path, process::Command};

use traitwire::{Describe, prost::Message, schema::Schema};

use crate::{
    assert_reads_back,
    kinds::{self, schema},
    short::{Choice, Either, Inner, Kinds, Legacy, Others},
};

/// What this test is linked with.
const LIBRARIES: &[&str] = &linked::libraries!();

/// A message in which every field has a value that is sent.
fn kinds() -> Kinds {
    let inner = || Inner { depth: 77 };
    #[expect(deprecated, reason = "an old field is a field")]
    Kinds {
        double: 1.5,
        float: -2.5,
        int32: -3,
        int64: -4,
        uint32: 5,
        uint64: 6,
        sint32: -7,
        sint64: -8,
        fixed32: 9,
        fixed64: 10,
        sfixed32: -11,
        sfixed64: -12,
        bool: true,
        string: "text".to_owned(),
        bytes: vec![0, 255],
        shared: vec![1, 2].into(),
        colour: 99,
        inner: Some(inner()),
        in_a_box: Some(Box::new(inner())),
        parent: Some(Box::default()),
        maybe: Some(String::new()),
        maybe_colour: Some(99),
        packed: vec![1, 300],
        unpacked: vec![1, 300],
        strings: vec!["a".to_owned(), String::new()],
        inners: vec![inner(), Inner::default()],
        colours: vec![99, 98],
        by_name: [("a".to_owned(), inner())].into(),
        by_number: [(-1, 99)].into(),
        by_bool: [(true, vec![7])].into(),
        choice: Some(Choice::ItsInner(inner())),
        wrapped: Some("wrapped".to_owned()),
        at: Some(traitwire::well_known::Timestamp { seconds: 1, nanos: 2 }),
        nothing: Some(()),
        old: 37,
        renamed: 38,
        r#type: 39,
    }
}

#[test]
fn a_short_contract_is_the_long_one() {
    let short = Schema::with_messages(&[], &[Kinds::DESCRIPTOR, Legacy::DESCRIPTOR]).unwrap();
    assert_eq!(short, schema());
}

#[test]
fn a_short_message_has_the_bytes_of_the_long_one() {
    let short = kinds();
    let bytes = short.encode_to_vec();
    let long = kinds::Kinds::decode(&bytes[..]).unwrap();
    assert_eq!(long.encode_to_vec(), bytes);
    assert_eq!(Kinds::decode(&bytes[..]).unwrap(), short);

    // No colour has the number 99.
    let short = Legacy { required: 1, seven: Some(7), colour: 99, ..Legacy::default() };
    let bytes = short.encode_to_vec();
    let long = kinds::Legacy::decode(&bytes[..]).unwrap();
    assert_eq!(long.encode_to_vec(), bytes);
    assert_eq!(format!("{long:?}"), format!("{short:?}"));
}

#[test]
fn a_default_is_what_the_contract_says() {
    let legacy = Legacy::default();
    assert_eq!((legacy.text.as_str(), &legacy.bytes[..]), ("say \"hi\"\n", &b"\x00\xffz"[..]));
    assert_eq!((legacy.seven(), legacy.half, legacy.yes), (-7, 1.5, true));
    assert_eq!(legacy.colour(), crate::short::Colour::DeepBlue);
}

#[test]
fn words_say_what_types_do_not() {
    let schema = Schema::with_messages(&[], &[Others::DESCRIPTOR]).unwrap();
    assert_reads_back(&schema);
    insta::assert_snapshot!(schema.to_string(), @r#"
    // api.proto
    syntax = "proto3";

    import "google/protobuf/duration.proto";
    import "google/protobuf/wrappers.proto";

    // What no type above has shown.
    message Others {
      string alias = 1;
      repeated sint64 aliases = 2;
      map<string, Others> alias_of_a_key = 3;
      map<sfixed64, fixed32> fixed = 4;
      repeated bytes shared = 5;
      optional bytes maybe = 6;
      map<string, bytes> by_name = 7;
      google.protobuf.Duration took = 8;
      repeated Others boxed = 9;
      repeated google.protobuf.UInt64Value wrappers = 10;
      // Contains the message that contains it.
      oneof one_of_two {
        Others others = 11;
        sfixed32 number = 12;
      }
    }
    "#);

    let others = Others {
        alias: "id".to_owned(),
        aliases: vec![-1],
        alias_of_a_key: [("key".to_owned(), Others::default())].into(),
        fixed: [(-1, 1)].into(),
        shared: vec![vec![1].into()],
        maybe: Some(vec![2].into()),
        by_name: [("a".to_owned(), vec![3].into())].into(),
        took: Some(traitwire::well_known::Duration { seconds: 1, nanos: 0 }),
        boxed: vec![Box::default()],
        wrappers: vec![0, 1],
        either: Some(Either::Others(Box::default())),
    };
    assert_eq!(Others::decode(&others.encode_to_vec()[..]).unwrap(), others);
}

#[test]
fn messages_need_no_prost_of_their_own() {
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "-Dwarnings"]);
    rustc.args(["--out-dir", env!("CARGO_TARGET_TMPDIR")]);
    for library in LIBRARIES.chunks(2).filter(|it| !it[1].starts_with("prost")) {
        rustc.args(library);
    }
    let short = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/short.rs");
    let output = rustc.arg(short).output().expect("rustc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
