//! An exercise on the page: the task that stands at the head of `start.rs`, the hints, folded, and
//! the solution, folded.

use std::path::Path;

use crate::{
    Problem,
    edition::{Edition, Words},
    figure::{folded, listing},
    source::{self, Part},
};

/// The exercise in the folder `exercises/NAME`.
pub fn expand(root: &Path, name: &str, edition: Edition, words: Words) -> Result<String, Problem> {
    let path = |file: &str| format!("exercises/{name}/{file}");
    let read = |file: &str| source::read(root, &path(file), &Part::Whole);
    let start = read("start.rs")?;
    let task: Vec<&str> = start
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let Some((title, task)) = task.split_first() else {
        let what = format!("`{}` says no task", path("start.rs"));
        return Err(Problem::new(what, "start it with `//! Exercise NN: …`"));
    };
    let mut text = format!("**{title}**\\\n`{}`\n{}\n\n", path("start.rs"), task.join("\n"));
    let hints = read("hints.md")?;
    for (index, hint) in hints.split("\n---\n").enumerate() {
        text += &folded("", &format!("{} {}", words.hint, index + 1), hint.trim());
    }
    let code = listing(edition, &path("solution.rs"), None, &read("solution.rs")?);
    Ok(text + &folded("", words.solution, &code))
}
