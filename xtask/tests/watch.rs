//! A test program that hangs is ended, with the names of the tests that hang.

#![cfg(unix)]

use std::process::{Command, Output};

fn watch(script: &str) -> Output {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(["watch", "--silence", "1", "sh", "-c", script]);
    xtask.output().expect("xtask starts")
}

#[test]
fn a_program_that_hangs_is_ended_with_the_names_of_its_tests() {
    let output = watch(
        "echo 'test pairs::one has been running for over 60 seconds'
         echo 'test pairs::two has been running for over 60 seconds'
         echo 'test pairs::one ... ok'
         sleep 600",
    );
    assert_eq!(output.status.code(), Some(124));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("printed nothing for 1 s"), "{said}");
    assert!(said.contains("still running: pairs::two"), "{said}");
    assert!(!said.contains("still running: pairs::one"), "{said}");
}

/// The sleep holds this test's pipe open, so that `output` returns when it has ended.
#[test]
fn what_a_program_has_started_is_ended_with_it() {
    assert_eq!(watch("sleep 600 & wait").status.code(), Some(124));
}

#[test]
fn a_program_that_ends_is_passed_on_as_it_is() {
    let output = watch("echo 'test result: FAILED'; echo why >&2; exit 101");
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(output.stdout, b"test result: FAILED\n");
    assert_eq!(output.stderr, b"why\n");
}
