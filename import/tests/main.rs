//! What is imported: its text, that it compiles and describes the same as its `.proto`, and the
//! command.

mod command;
mod comments;
mod compared;
mod held;
mod program;
mod round_trip;
mod texts;

use std::path::PathBuf;

/// Paths from the folder of the tests' own files.
fn paths(files: &[&str]) -> Vec<PathBuf> {
    files.iter().map(PathBuf::from).collect()
}
