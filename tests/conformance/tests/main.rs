//! Suites of other people, as judges: what they find is red, unless a list beside this says so.

mod connect;
mod h2spec;

use std::{fs, io::Write, path::PathBuf, thread};

/// A program of `tests/peers/install.sh`; where it is missing, the running test is skipped.
fn program(name: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/go/bin");
    let program = PathBuf::from(root).join(name);
    if program.exists() {
        return Some(program);
    }
    let test = thread::current();
    let test = test.name().unwrap_or("a test");
    // Past the capture of the test harness, so that it is seen. Without an output nobody sees it.
    let line = format!("skipped: {test}: no {name}; run tests/peers/install.sh\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

/// A file beside the manifest of this package.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The lines of a list, without its comments.
fn list(name: &str) -> Vec<String> {
    let text = fs::read_to_string(file(name)).expect("the list is there");
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}
