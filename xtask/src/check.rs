//! `cargo xtask check 02`: what is still wrong with a learner's work, in a sentence.
//!
//! Without a number, all exercises are checked.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{Result, cargo, root};

pub(crate) fn run(numbers: &[&str]) -> Result {
    let names = exercises(&root()?.join("exercises"))?;
    let chosen: Vec<&String> = match numbers {
        [] => names.iter().collect(),
        [number] => names.iter().filter(|name| name.split('_').next() == Some(number)).collect(),
        _ => return Err("expected one number, or none for all exercises".into()),
    };
    if chosen.is_empty() {
        let numbers: Vec<_> = names.iter().filter_map(|name| name.split('_').next()).collect();
        return Err(format!("no such exercise; there are {}", numbers.join(", ")).into());
    }
    let mut open = 0;
    for name in &chosen {
        if chosen.len() > 1 {
            print!("{name}: ");
            io::stdout().flush()?;
        }
        open += usize::from(!passes(name)?);
    }
    match (open, chosen.len()) {
        (0, _) => Ok(()),
        (_, 1) => Err(format!("write in exercises/{}/start.rs", chosen[0]).into()),
        (open, all) => Err(format!("{open} of {all} are still to be solved").into()),
    }
}

/// Runs the check, which says how it goes.
fn passes(name: &str) -> Result<bool> {
    let status =
        cargo()?.args(["run", "--quiet", "--package", "exercises", "--bin", name]).status()?;
    Ok(status.success())
}

/// The folders of the exercises, in their order.
fn exercises(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(|letter: char| letter.is_ascii_digit()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
