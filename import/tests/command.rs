//! `traitwire import`, as it is run.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// Runs it in the folder of the tests' own files.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_traitwire"));
    command.current_dir("tests/proto").args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn empty_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    folder
}

#[test]
fn the_text_is_printed_and_what_it_lacks_is_said() {
    let output = run(&["import", "old/legacy.proto", "-I", "."]);
    let (code, said) = said(&output);
    assert_eq!(code, Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("pub struct Legacy {\n"));
    assert!(said.contains("left out: old/legacy.proto:21: group `Legacy.group`\n"), "{said}");
}

#[test]
fn what_the_text_needs_is_said() {
    let needs = "needs: the feature \"prost-types\" of traitwire\n";
    assert_eq!(said(&run(&["import", "-I.", "shop/v1/orders.proto"])), (Some(0), needs.to_owned()));
    assert_eq!(said(&run(&["import", "common/money.proto"])), (Some(0), String::new()));
}

#[test]
fn a_file_that_is_no_protobuf_has_its_place() {
    let folder = empty_folder("broken");
    fs::write(folder.join("a.proto"), "syntax = \"proto3\";\nmessage {}\n").expect("it is written");
    let file = folder.join("a.proto").display().to_string();
    let (code, said) = said(&run(&["import", &file]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: a.proto:2:9: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_file_that_ends_too_early_is_named() {
    let folder = empty_folder("short");
    fs::write(folder.join("a.proto"), "syntax = \"proto3\";\nmessage A {").expect("it is written");
    let (code, said) = said(&run(&["import", &folder.join("a.proto").display().to_string()]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: a.proto: ") && said.contains("end of file"), "{said}");
}

#[test]
fn an_edition_says_what_can_be_read() {
    let folder = empty_folder("edition");
    fs::write(folder.join("a.proto"), "edition = \"2023\";\n").expect("it is written");
    let (code, said) = said(&run(&["import", &folder.join("a.proto").display().to_string()]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: a.proto:1:1: "), "{said}");
    assert!(
        said.ends_with("; editions are not read, only `syntax = \"proto3\"` and `\"proto2\"`\n")
    );
}

#[test]
fn a_missing_import_says_where_it_was_looked_for() {
    let said = said(&run(&["import", "shop/v1/orders.proto", "-I", "shop/v1", "-I", "old"]));
    let wanted = "error: orders.proto:6:1: import 'common/money.proto' not found; searched in \
                  shop/v1, old; `-I DIR` adds a folder\n";
    assert_eq!(said, (Some(2), wanted.to_owned()));
}

#[test]
fn a_missing_file_is_named() {
    let (code, said) = said(&run(&["import", "nothing.proto"]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: ") && said.contains("nothing.proto"), "{said}");
}

#[test]
fn a_file_is_written_once() {
    let file = empty_folder("once").join("orders.rs").display().to_string();
    let run = || said(&run(&["import", "common/money.proto", "-o", &file]));
    assert_eq!(run(), (Some(0), String::new()));
    assert!(fs::read_to_string(&file).expect("it is there").contains("pub struct Money {\n"));
    let wanted = format!("error: {file} is there already, and is not overwritten\n");
    assert_eq!(run(), (Some(2), wanted));
}

#[test]
fn a_folder_gets_a_file_for_each_package() {
    let folder = empty_folder("folder");
    let out = folder.display().to_string();
    let (code, _) = said(&run(&["import", "-I", ".", "shop/v1/orders.proto", "--out", &out]));
    assert_eq!(code, Some(0));
    assert!(folder.join("mod.rs").exists() && folder.join("common.rs").exists());
}

#[test]
fn a_command_line_that_cannot_be_read_is_one_line() {
    for (arguments, wanted) in [
        (&["import"][..], "error: which file? `traitwire import orders.proto`\n"),
        (&["export", "a.proto"], "error: there is no `export`, only `traitwire import`\n"),
        (&["import", "a.proto", "--ouch"], "error: invalid option '--ouch'\n"),
        (&["import", "a.proto", "-o"], "error: missing argument for option '-o'\n"),
        (
            &["import", "common/money.proto", "-o", "a.rs", "--out", "b"],
            "error: `-o` and `--out` exclude each other\n",
        ),
    ] {
        assert_eq!(said(&run(arguments)), (Some(2), wanted.to_owned()));
    }
}

#[test]
fn help_is_no_error() {
    for arguments in [&["--help"][..], &["import", "-h"], &[]] {
        let output = run(arguments);
        assert_eq!(said(&output), (Some(0), String::new()));
        assert!(String::from_utf8_lossy(&output.stdout).contains("traitwire import [-I DIR]"));
    }
}
