//! Commands: each that a page shows is run, by the gate or by a test.
//!
//! A line of a block `sh` is true when one of these holds:
//!
//! - the gate, `.ci/run`, contains it;
//! - it is `cargo run --example NAME`, and the gate runs every example;
//! - it is `cargo run --example NAME -- WORD…`, and one file of the tests names the example and each
//!   word (an address is no word: a test listens where it is free), as it is or with `--release`;
//!   a word may also be the name of what was compared, `tests/snapshots/NAME/WORD.snap`;
//! - `book/exceptions.toml` lists it with the file that runs it, and that file contains what the
//!   entry says.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    Fault, Problem, Project,
    markdown::Parts,
    project::{EXCEPTIONS, Exceptions, Page},
};

const GATE: &str = ".ci/run";
/// How the gate runs all examples: what each of these files has in it.
const EVERY_EXAMPLE: [(&str, &str); 2] =
    [(GATE, ".ci/examples cargo run --quiet --example"), (".ci/examples", "examples/[0-9][0-9]_*")];

/// Compares the commands of all pages with what is run.
pub fn check(project: &Project, pages: &[Page]) -> Result<Vec<Fault>> {
    let gate = project.read(GATE.as_ref()).unwrap_or_default();
    let contains = |file: &Path, part: &str| project.read(file).is_ok_and(|it| it.contains(part));
    let runs_all = EVERY_EXAMPLE.iter().all(|(file, part)| contains(file.as_ref(), part));
    let examples = project.packages.examples(&project.root);
    let tests = tests(project)?;
    let listed = &project.exceptions.command;
    let mut used = vec![false; listed.len()];
    let mut faults = Vec::new();
    let is_run = |command: &str| {
        let debug = command.strip_prefix("cargo run --example ");
        let rest = debug.or(command.strip_prefix("cargo run --release --example "));
        if has_words(&gate, command) {
            return true;
        }
        let Some(rest) = rest else { return false };
        let (name, words) = rest.split_once(" -- ").unwrap_or((rest, ""));
        let mut words = words.split_whitespace().filter(|word| !word.contains(':')).peekable();
        let quoted = |test: &String, word: &str| test.contains(&format!("\"{word}\""));
        let snapshots = project.root.join("tests/snapshots").join(name);
        let compared = |word: &str| snapshots.join(word).with_extension("snap").is_file();
        examples.contains(name)
            && if words.peek().is_none() {
                runs_all
            } else {
                let words: Vec<&str> = words.filter(|word| !compared(word)).collect();
                let mut tests = tests.iter().filter(|test| quoted(test, name));
                tests.any(|test| words.iter().all(|word| quoted(test, word)))
            }
    };
    for page in pages {
        for block in Parts::of(&page.text).blocks.iter().filter(|block| block.language == "sh") {
            for (index, line) in block.text.lines().enumerate() {
                let command = line.split(" #").next().unwrap_or_default().trim();
                let entry = listed.iter().position(|entry| entry.get_ref().run == command);
                if let Some(entry) = entry {
                    used[entry] = true;
                } else if !command.is_empty() && !command.starts_with('#') && !is_run(command) {
                    let what = format!("nothing runs `{command}`");
                    let mend =
                        format!("run it in {GATE} or a test, or say in {EXCEPTIONS} what does");
                    faults.push(Problem::new(what, mend).at(&page.file, block.line + 1 + index));
                }
            }
        }
    }
    for (entry, used) in listed.iter().zip(used) {
        let command = entry.get_ref();
        let runs = contains(&command.by, &command.contains);
        let problem = if !used {
            Problem::new(format!("no page shows `{}`", command.run), "remove the entry")
        } else if !runs || command.contains.is_empty() {
            let what = format!("{} does not contain `{}`", command.by.display(), command.contains);
            Problem::new(what, "name what runs the command")
        } else {
            continue;
        };
        faults.push(problem.at(EXCEPTIONS.as_ref(), Exceptions::line_of(&project.root, entry)));
    }
    Ok(faults)
}

/// Whether a line of the gate has these words, one after the other.
fn has_words(gate: &str, command: &str) -> bool {
    let wanted: Vec<&str> = command.split_whitespace().collect();
    gate.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        !wanted.is_empty() && words.windows(wanted.len()).any(|it| it == wanted)
    })
}

/// The sources of the tests under `tests/`.
fn tests(project: &Project) -> Result<Vec<String>> {
    let mut folders: Vec<PathBuf> = vec![project.root.join("tests")];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(Path::new("rs").as_os_str()) {
                texts.push(fs::read_to_string(path)?);
            }
        }
    }
    Ok(texts)
}
