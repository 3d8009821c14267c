//! Both programs, for a few seconds: nothing is lost, and everything is given back.

use std::process::{Command, Output};

fn run(program: &str, line: &str) -> Output {
    Command::new(program).args(line.split_whitespace()).output().expect("the program starts")
}

#[track_caller]
fn assert_success(output: &Output) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
}

#[test]
fn nothing_is_lost_when_processes_are_killed_and_connections_break() {
    let output = run(env!("CARGO_BIN_EXE_chaos"), "--seed 1 --seconds 6");
    assert_success(&output);
    let text = String::from_utf8(output.stdout).expect("text");
    let (_, end) = text.rsplit_once("messages ").expect("the run has a tally");
    assert!(end.ends_with("lost, doubled, out of order: 0\n"), "{text}");
}

#[test]
fn all_tasks_and_descriptors_are_given_back_after_calls_and_faults() {
    assert_success(&run(env!("CARGO_BIN_EXE_soak"), "--seed 1 --seconds 5"));
}

#[test]
fn a_command_line_that_cannot_be_read_is_exit_code_2() {
    for program in [env!("CARGO_BIN_EXE_chaos"), env!("CARGO_BIN_EXE_soak")] {
        let output = run(program, "--sed 1");
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
    }
}
