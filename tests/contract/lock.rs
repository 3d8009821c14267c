//! A folder of accepted `.proto` files opens for the code that keeps them, and for no other.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use traitwire::{
    Describe,
    schema::{Class, Lock, LockError, Schema},
};

use crate::peers;

/// Versions of one message.
macro_rules! version {
    ($module:ident: $(#[$attribute:meta])* $($number:literal $name:ident)*) => {
        mod $module {
            use super::*;

            #[derive(Clone, PartialEq, prost::Message, Describe)]
            #[describe(package = "shop.v1", file = "shop/order.proto")]
            $(#[$attribute])*
            pub(crate) struct Order {
                $(
                    #[prost(string, tag = $number)]
                    $name: String,
                )*
            }

            pub(crate) fn schema() -> Schema {
                Schema::with_messages(&[], &[Order::DESCRIPTOR]).unwrap()
            }
        }
    };
}

version!(old: "1" id "2" items);
version!(more: "1" id "2" items "3" price);
version!(less: "1" id);
version!(reserved: #[describe(reserved(2, "items"))] "1" id);
version!(other: "1" id "3" price);

/// The lock in a new folder, with the old version in it.
fn blessed(name: &str) -> (Lock, PathBuf) {
    let folder = peers::folder(name);
    let lock = Lock::at(&folder);
    lock.bless(&old::schema(), Class::Additive).unwrap();
    (lock, folder.join("shop/order.proto"))
}

/// The text of a file that a lock has written, without its mark.
fn read(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.strip_prefix(Lock::MARK).expect("the mark")[1..].to_owned()
}

fn marked(text: &str) -> String {
    format!("{}\n{text}", Lock::MARK)
}

#[test]
fn an_empty_folder_is_an_empty_contract() {
    let folder = peers::folder("lock-empty").join("not-there");
    let lock = Lock::at(&folder);
    assert_eq!(
        lock.check(&old::schema()).unwrap_err().to_string(),
        format!(
            "the contract is not the one in {}:\n  \
             additive: message shop.v1.Order was added\n\
             accept it with TRAITWIRE_BLESS=additive, or undo it",
            folder.display()
        )
    );
    assert!(!folder.exists());
}

#[test]
fn what_was_blessed_is_what_the_schema_is_shown_as() {
    let (lock, file) = blessed("lock-shown");
    assert_eq!(read(&file), old::schema().to_string());
    lock.check(&old::schema()).unwrap();
}

#[test]
fn an_additive_change_is_named_and_can_be_accepted() {
    let (lock, file) = blessed("lock-additive");
    let LockError::Changed { changes, .. } = lock.check(&more::schema()).unwrap_err() else {
        panic!("a change");
    };
    let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["additive: field 3 (price) of shop.v1.Order was added"]);
    lock.bless(&more::schema(), Class::Additive).unwrap();
    lock.check(&more::schema()).unwrap();
    assert_eq!(read(&file), more::schema().to_string());
}

#[test]
fn a_breaking_change_is_not_accepted_as_additive() {
    let (lock, file) = blessed("lock-breaking");
    let error = lock.bless(&less::schema(), Class::Additive).unwrap_err().to_string();
    assert!(
        error.contains(
            "\n  breaking: field 2 (items) of shop.v1.Order was removed; \
             reserve it: `reserved(2, \"items\")`\n"
        ),
        "{error}"
    );
    assert!(error.ends_with("accept it with TRAITWIRE_BLESS=breaking, or undo it"), "{error}");
    assert_eq!(read(&file), old::schema().to_string(), "nothing was written");
    lock.bless(&less::schema(), Class::Breaking).unwrap();
    lock.check(&less::schema()).unwrap();
}

#[test]
fn changes_of_both_classes_ask_for_the_wider_one() {
    let (lock, file) = blessed("lock-both");
    let error = lock.bless(&other::schema(), Class::Additive).unwrap_err().to_string();
    let lines = error.lines().map(|line| line.trim_start().split(':').next().unwrap());
    assert_eq!(lines.skip(1).take(2).collect::<Vec<_>>(), ["breaking", "additive"], "{error}");
    assert!(error.ends_with("accept it with TRAITWIRE_BLESS=breaking, or undo it"), "{error}");
    assert_eq!(read(&file), old::schema().to_string(), "nothing was written");
}

/// A child of the next test: locks one version in this folder, with the variable as it is.
const CHILD: &str = "TRAITWIRE_TEST_LOCK";

#[test]
fn a_test_that_locks_a_version() {
    let Some(what) = env::var_os(CHILD) else { return };
    let (version, folder) = what.to_str().unwrap().split_once(' ').unwrap();
    let schema = if version == "more" { more::schema() } else { less::schema() };
    if let Err(error) = Lock::at(folder).check_or_bless(&schema) {
        panic!("{error}");
    }
}

#[test]
fn the_variable_says_what_is_accepted() {
    for (value, version, accepted) in [
        (None, "more", false),
        (Some(""), "more", false),
        (Some("yes"), "more", false),
        (Some("additive"), "more", true),
        (Some("additive"), "less", false),
        (Some("breaking"), "less", true),
    ] {
        let (_, file) = blessed("lock-variable");
        let folder = file.ancestors().nth(2).unwrap();
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "lock::a_test_that_locks_a_version"]).env_remove(Lock::VARIABLE);
        child.env(CHILD, format!("{version} {}", folder.display()));
        child.envs(value.map(|value| (Lock::VARIABLE, value)));
        let output = child.output().unwrap();
        assert_eq!(output.status.success(), accepted, "{value:?} {version}: {output:?}");
        let written = read(&file) != old::schema().to_string();
        assert_eq!(written, accepted, "{value:?} {version}");
    }
}

#[test]
fn a_field_that_goes_and_leaves_its_number_reserved_breaks_nobody() {
    let (lock, _) = blessed("lock-reserved");
    lock.bless(&reserved::schema(), Class::Additive).unwrap();
}

#[test]
fn a_difference_of_layout_alone_is_one_too() {
    let (lock, file) = blessed("lock-layout");
    fs::write(&file, marked(&read(&file).replace("  string", "    string"))).unwrap();
    let error = lock.check(&old::schema()).unwrap_err().to_string();
    let line = "additive: shop/order.proto differs in its layout, its order or in options alone";
    assert!(error.contains(line), "{error}");
    lock.bless(&old::schema(), Class::Additive).unwrap();
    assert_eq!(read(&file), old::schema().to_string());
}

/// As git leaves a file on Windows.
#[test]
fn other_ends_of_lines_are_no_difference() {
    let (lock, file) = blessed("lock-lines");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace('\n', "\r\n")).unwrap();
    lock.check(&old::schema()).unwrap();
}

#[test]
fn a_file_that_is_not_part_of_the_contract_goes() {
    let (lock, file) = blessed("lock-stale");
    let stale = file.with_file_name("stale.proto");
    fs::write(&stale, marked("syntax = \"proto3\";\n")).unwrap();
    let readme = file.with_file_name("README.md");
    fs::write(&readme, "Not protobuf.\n").unwrap();
    let error = lock.check(&old::schema()).unwrap_err().to_string();
    assert!(error.contains("additive: shop/stale.proto is not part of the contract"), "{error}");
    lock.bless(&old::schema(), Class::Additive).unwrap();
    assert!(!stale.exists());
    assert_eq!(
        fs::read_to_string(&readme).unwrap(),
        "Not protobuf.\n",
        "what is no contract is left alone"
    );
    lock.check(&old::schema()).unwrap();
}

#[test]
fn a_damaged_file_is_named_with_its_line_and_left_alone() {
    for (name, damage, place) in [
        ("lock-syntax", "message Order {\n  string id = ;\n}\n", "shop/order.proto:6:15: "),
        ("lock-type", "message Order {\n  Strin id = 1;\n}\n", "shop/order.proto:6:3: "),
        ("lock-text", "not protobuf at all\n", "shop/order.proto:5:1: "),
    ] {
        let (lock, file) = blessed(name);
        let text = format!("syntax = \"proto3\";\npackage shop.v1;\n\n{damage}");
        fs::write(&file, marked(&text)).unwrap();
        let checked = lock.check(&old::schema()).unwrap_err().to_string();
        let blessed = lock.bless(&old::schema(), Class::Breaking).unwrap_err().to_string();
        assert_eq!(checked, blessed);
        assert!(checked.contains(place), "{name}: {checked}");
        assert_eq!(read(&file), text, "nothing was written");
    }
}

#[test]
fn bytes_that_are_no_text_are_an_error_of_the_file() {
    let (lock, file) = blessed("lock-bytes");
    let bytes = [Lock::MARK.as_bytes(), b"\n\xff\xfe"].concat();
    fs::write(&file, &bytes).unwrap();
    let error = lock.bless(&old::schema(), Class::Breaking).unwrap_err();
    assert!(error.to_string().contains("order.proto: "), "{error}");
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn a_file_that_no_lock_has_written_is_never_touched() {
    const BY_HAND: &str = "// Ours.\nsyntax = \"proto3\";\npackage shop.v1;\n";
    let folder = peers::folder("lock-by-hand");
    let (beside, inside) = (folder.join("hand.proto"), folder.join("shop/order.proto"));
    fs::write(&beside, BY_HAND).unwrap();
    let lock = Lock::at(&folder);

    // Beside the contract: said where nothing was accepted yet, and left alone.
    let said = lock.check(&old::schema()).unwrap_err().to_string();
    let advice = "no lock has written hand.proto, so that one leaves them alone; where they are the \
                  contract, give the service `descriptor_set` and call `schema::check`";
    assert_eq!(said.lines().last(), Some(advice));
    lock.bless(&old::schema(), Class::Additive).unwrap();
    lock.check(&old::schema()).unwrap();
    let said = lock.check(&more::schema()).unwrap_err().to_string();
    assert!(!said.contains("hand.proto"), "{said}");

    // In the place of the contract: an error, whatever is accepted.
    fs::write(&inside, BY_HAND).unwrap();
    for error in [
        lock.check(&old::schema()).unwrap_err(),
        lock.bless(&old::schema(), Class::Breaking).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            format!(
                "{}: no lock has written this file, so that one leaves it alone; move it, or give the \
                 contract another `file` or the lock another folder",
                inside.display()
            )
        );
    }
    for file in [beside, inside] {
        assert_eq!(fs::read_to_string(file).unwrap(), BY_HAND);
    }
}
