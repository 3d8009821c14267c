//! Every change of a contract is named, and said to be additive or breaking.

mod rules;
mod table;

use std::{fmt::Write, fs, path::Path, process::Command};

use rules::{NOT_HERE, RULES, Rule};
use table::{Row, TABLE};
use traitwire::schema::{Breaks, Change, Class, Schema};

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

fn breaks(Rule { old, new, .. }: &Rule) -> Breaks {
    let changes = schema(new).changes_since(&schema(old));
    changes.iter().map(Change::breaks).max().expect("a change")
}

#[test]
fn every_rule_has_a_change_that_breaks_whom_it_protects() {
    for rule in RULES {
        assert_eq!(breaks(rule), rule.breaks, "{}: {}", rule.name, rule.change);
    }
}

#[test]
fn the_book_has_every_rule() {
    let page = include_str!("../../book/en/macro-reference.md");
    for Rule { name, change, breaks, .. } in RULES {
        let whom = match breaks {
            Breaks::Nothing => "",
            Breaks::Code => "code",
            Breaks::Json => "code, JSON",
            Breaks::Wire => "code, JSON, bytes",
        };
        let row = format!("\n| `{name}` | {change} | {whom} |\n");
        assert!(page.contains(&row), "no row of the page: {row}");
    }
}

#[test]
fn every_rule_agrees_with_buf() {
    let Some(buf) = peers::find("buf") else { return };
    let folder = peers::folder("buf-rules");
    let (old, new) = (folder.join("old"), folder.join("new"));
    let run = |words: &[&str]| {
        let output = Command::new(&buf).current_dir(&folder).args(words).output();
        let output = output.expect("buf runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    // Whom buf protects by each rule, and from what.
    for rule in RULES {
        for (side, body) in [(&old, rule.old), (&new, rule.new)] {
            let _ = fs::remove_dir_all(side);
            write(side, body);
        }
        let mut rules = String::new();
        for (category, breaks) in
            [("FILE", Breaks::Code), ("WIRE_JSON", Breaks::Json), ("WIRE", Breaks::Wire)]
        {
            let config = format!("version: v2\nbreaking:\n  use: [{category}]\n");
            fs::write(new.join("buf.yaml"), config).expect("a file");
            let (code, said) =
                run(&["breaking", "new", "--against", "old", "--error-format", "json"]);
            let is_broken = rule.breaks >= breaks;
            let expected = if is_broken { Some(100) } else { Some(0) };
            assert_eq!(code, expected, "{} in {category}: {said}", rule.name);
            rules += &said;
        }
        assert!(rules.contains(&format!("\"{}\"", rule.name)), "{}: {rules}", rule.name);
    }
    let (_, list) = run(&["config", "ls-breaking-rules", "--version", "v2"]);
    for line in list.lines().skip(1) {
        let mut words = line.split_whitespace();
        let name = words.next().expect("a name");
        let is_ours = words
            .take_while(|word| {
                word.trim_end_matches(',').chars().all(|it| it == '_' || it.is_ascii_uppercase())
            })
            .any(|word| ["FILE", "WIRE_JSON", "WIRE"].contains(&word.trim_end_matches(',')));
        let is_there = NOT_HERE.contains(&name) || RULES.iter().any(|rule| rule.name == name);
        assert!(!is_ours || is_there, "buf has the rule {name} too");
    }
}
