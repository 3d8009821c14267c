//! An exercise on the page: the task that stands at the head of `start.rs`, the hints, folded, and
//! the solution, folded.

use std::path::Path;

use crate::{
    Problem,
    figure::listing,
    source::{self, Part},
};

/// What the folded parts are called, in the language of the book.
fn labels(language: Option<&str>) -> (&'static str, &'static str) {
    match language {
        Some("zh-CN") => ("提示", "一种解法"),
        _ => ("Hint", "A solution"),
    }
}

/// The exercise in the folder `exercises/NAME`.
pub fn expand(root: &Path, name: &str, language: Option<&str>) -> Result<String, Problem> {
    let path = |file: &str| format!("exercises/{name}/{file}");
    let read = |file: &str| source::read(root, &path(file), &Part::Whole);
    let (hint, solution) = labels(language);
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
    for (index, words) in hints.split("\n---\n").enumerate() {
        text += &folded(&format!("{hint} {}", index + 1), words.trim());
    }
    let code = listing(&path("solution.rs"), None, &read("solution.rs")?);
    Ok(text + &folded(solution, &code))
}

/// Empty lines around the text make Markdown of it again.
fn folded(summary: &str, text: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>\n\n")
}
