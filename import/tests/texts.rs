//! The text, as a person would write it.

use std::{fmt::Write, fs, path::PathBuf};

use insta::assert_snapshot;
use traitwire_import::{Imported, import};

use crate::paths;

fn imported(file: &str) -> Imported {
    import(&paths(&[file]), &paths(&["tests/proto"])).expect("it is right")
}

/// The same of a file that has no place among the tests' own.
fn imported_from(name: &str, proto: &str) -> Imported {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("it can be made");
    let file = folder.join("a.proto");
    fs::write(&file, proto).expect("it is written");
    import(&[file], &[folder]).expect("it is right")
}

#[test]
fn a_service_with_an_import() {
    assert_snapshot!(imported("shop/v1/orders.proto").text());
}

#[test]
fn a_file_for_each_package() {
    let files = imported("shop/v1/orders.proto").files();
    let names: Vec<_> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(names, ["mod.rs", "common.rs"]);
    assert!(files[0].1.starts_with("pub mod common;\n\n// The orders of a shop.\n"));
    assert!(files[1].1.starts_with("use traitwire::message;\n"));
}

#[test]
fn names_that_rust_has_for_itself() {
    assert_snapshot!(imported("awkward/names.proto").text());
}

#[test]
fn proto2_and_what_is_left_out() {
    assert_snapshot!(imported("old/legacy.proto").text());
}

#[test]
fn what_is_left_out_has_its_place() {
    let left_out = imported("old/options.proto").left_out();
    assert_eq!(
        left_out,
        [
            "old/options.proto:1: `proto2`: without `required` and `default` it is `proto3` here, \
             where enumerations are open",
            "old/options.proto:5: the import of google/protobuf/descriptor.proto, which nothing needs",
            "old/options.proto:8: extension `owner` of `google.protobuf.FileOptions`",
        ]
    );
}

#[test]
fn comments_of_every_kind() {
    assert_snapshot!(imported("comments.proto").text());
}

/// Each of them is looked at once, not once for each field.
#[test]
fn a_thousand_messages_that_contain_each_other() {
    let mut proto = String::from("syntax = \"proto3\";\n");
    for number in 0..1000 {
        let next = (number + 1) % 1000;
        writeln!(proto, "message M{number} {{ M{next} next = 1; Leaf leaf = 2; }}").unwrap();
    }
    proto += "message Leaf {}\n";
    let text = imported_from("cycle", &proto).text();
    assert_eq!(text.matches("    pub next: Option<Box<M").count(), 1000);
    assert_eq!(text.matches("    pub leaf: Option<Leaf>,").count(), 1000);
}

/// Some editors write one in front of a text; protobuf's own compiler passes over it.
#[test]
fn a_mark_of_the_encoding_is_no_part_of_the_text() {
    let proto = "syntax = \"proto3\";\n// One.\nmessage One {}\n";
    let marked = imported_from("marked", &format!("\u{feff}{proto}"));
    assert_eq!(marked.text(), imported_from("unmarked", proto).text());
}
