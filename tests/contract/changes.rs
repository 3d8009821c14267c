//! Every change of a contract is named, and said to be additive or breaking.

mod table;

use std::{fmt::Write, fs, path::Path, process::Command};

use table::{Row, TABLE};
use traitwire::schema::{Change, Class, Schema};

use crate::peers;

/// A file with `body`; one that has a syntax line is taken as it is.
fn text(body: &str) -> String {
    match body.contains("syntax = ") {
        true => body.to_owned(),
        false => format!("// t.proto\nsyntax = \"proto3\";\npackage t;\n{body}\n"),
    }
}

fn schema(body: &str) -> Schema {
    Schema::parse(&text(body)).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

fn changes(row: &Row) -> Vec<Change> {
    schema(row.new).changes_since(&schema(row.old))
}

#[test]
fn every_change_in_the_table_is_classified_as_it_says() {
    for row in TABLE {
        let changes = changes(row);
        let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(lines, row.says, "{}", row.name);
        let class = changes.iter().map(Change::class).max();
        assert_eq!(class, Some(row.class), "{}", row.name);
    }
}

#[test]
fn the_table_has_forty_rows_with_a_name_each() {
    assert!(TABLE.len() >= 40, "{} rows", TABLE.len());
    for (index, row) in TABLE.iter().enumerate() {
        assert!(TABLE[..index].iter().all(|other| other.name != row.name), "{} twice", row.name);
    }
}

#[test]
fn a_schema_has_not_changed_since_itself() {
    for row in TABLE {
        assert_eq!(schema(row.old).changes_since(&schema(row.old)), [], "{}", row.name);
    }
}

/// What buf calls breaking: everything about the wire, JSON and names; not where in which file a
/// definition stands, and not what must not change for the sake of generated code alone.
const BUF: &str = "\
version: v2
breaking:
  use:
    - WIRE_JSON
    - ENUM_VALUE_SAME_NAME
    - FIELD_SAME_NAME
    - FIELD_SAME_ONEOF
    - FIELD_SAME_TYPE
    - FILE_SAME_SYNTAX
    - ONEOF_NO_DELETE
    - PACKAGE_ENUM_NO_DELETE
    - PACKAGE_MESSAGE_NO_DELETE
    - PACKAGE_SERVICE_NO_DELETE
    - RPC_NO_DELETE
";

#[test]
fn the_classes_agree_with_buf() {
    let Some(buf) = peers::find("buf") else { return };
    let folder = peers::folder("buf-breaking");
    let mut differences = String::new();
    for (index, row) in TABLE.iter().enumerate() {
        let of = |side: &str, body: &str| {
            let folder = folder.join(format!("{index}-{side}"));
            write(&folder, body);
            folder
        };
        let (old, new) = (of("old", row.old), of("new", row.new));
        let output =
            Command::new(&buf).arg("breaking").arg(&new).arg("--against").arg(&old).output();
        let output = output.expect("buf runs");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let class = match output.status.code() {
            Some(0) => Class::Additive,
            Some(100) => Class::Breaking,
            code => panic!("{}: buf ended with {code:?}: {said}", row.name),
        };
        if class != row.class {
            writeln!(differences, "{}: {} for us, {class} for buf: {said}", row.name, row.class)
                .expect("a string takes it");
        }
    }
    assert_eq!(differences, "");
}

/// Lays out a schema as buf reads it.
fn write(folder: &Path, body: &str) {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("buf.yaml"), BUF).expect("a file");
    for file in schema(body).files() {
        fs::write(folder.join(file.name()), file.to_string()).expect("a file");
    }
}
