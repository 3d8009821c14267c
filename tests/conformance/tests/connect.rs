//! The Connect conformance suite, for gRPC.

use std::process::{Command, Output};

use crate::{file, program};

/// The program under test.
const OURS: &str = env!("CARGO_BIN_EXE_conformance");

/// Runs the suite; `None` where it is missing.
fn suite(mode: &str, flags: &[&str], under_test: &[&str]) -> Option<Output> {
    let mut suite = Command::new(program("connectconformance")?);
    suite.arg("--conf").arg(file("config.yaml")).args(["--mode", mode]).args(flags).arg("--");
    Some(suite.args(under_test).output().expect("the suite starts"))
}

/// How many cases ran and how they went, which the suite says at its end, is as expected.
#[track_caller]
fn assert_ends(output: &Output, success: bool, summary: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), success, "{said}{errors}");
    let end = said.rfind("Total cases").map_or("", |at| said[at..].trim_end());
    assert_eq!(end, summary, "{said}{errors}");
}

fn known(list: &str) -> String {
    format!("--known-failing=@{}", file(list).display())
}

#[test]
fn the_suite_calls_ours() {
    let known = known("connect-server.txt");
    let Some(output) = suite("server", &[&known], &[OURS, "server"]) else { return };
    assert_ends(&output, true, "Total cases: 924\n924 passed, 0 failed");
}

#[test]
fn ours_calls_the_suite() {
    let known = known("connect-client.txt");
    let Some(output) = suite("client", &[&known], &[OURS, "client"]) else { return };
    let summary = "Total cases: 1068\n1060 passed, 0 failed\n\
        (Another 8 failed as expected due to being known failures/flakes.)";
    assert_ends(&output, true, summary);
}

#[test]
fn ours_calls_ours() {
    let both = [OURS, "client", "----", OURS, "server"];
    let Some(output) = suite("both", &[], &both) else { return };
    assert_ends(&output, true, "Total cases: 612\n612 passed, 0 failed");
}

/// The controls: what is on no list, what is on a list and passes, and a server that does not start.
#[test]
fn the_suite_is_red() {
    let listed = "HTTP to RPC Code Mapping/**/request-header-fields-too-large";
    let Some(output) = suite("client", &["--run", listed], &[OURS, "client"]) else { return };
    assert_ends(&output, false, "Total cases: 8\n0 passed, 8 failed");

    let certificates = "TLS Client Certs/**";
    let listed = ["--run", certificates, "--known-failing", certificates];
    let output = suite("client", &listed, &[OURS, "client"]).expect("it was there");
    assert_ends(&output, false, "Total cases: 4\n0 passed, 4 failed");

    let output =
        suite("server", &["--run", certificates], &[OURS, "neither"]).expect("it was there");
    assert_ends(&output, false, "Total cases: 4\n0 passed, 4 failed");
}
