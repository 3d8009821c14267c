//! `check` and `reset` name what there is when they are asked for an exercise that is not there.

use std::process::{Command, Output};

fn xtask(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("xtask starts")
}

#[test]
fn an_exercise_that_is_not_there_is_answered_with_those_that_are() {
    for words in [&["check", "99"][..], &["check", "--watch", "99"], &["reset", "99"]] {
        let output = xtask(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("no such exercise; there are 01, 02, "), "{words:?}: {said}");
    }
}

#[test]
fn reset_takes_one_number() {
    for words in [&["reset"][..], &["reset", "01", "02"]] {
        let output = xtask(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("cargo xtask reset 02"), "{words:?}: {said}");
    }
}
