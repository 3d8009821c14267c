//! Changes of behaviour by cargo-mutants (`cargo install cargo-mutants`), over the runtime and the
//! macros, as `.cargo/mutants.toml` says.
//!
//! Those that no test catches stand in `tests/mutants.txt`, each with the reason. One that is not on
//! the list fails the run, and so does one on the list that is caught now.

use std::{collections::BTreeMap, fs};

use super::{Outcome, watch};
use crate::{Result, cargo, root};

const EXPLAINED: &str = "tests/mutants.txt";

/// Tries all of them, or the shard `K/N` of them.
pub(super) fn run(shard: Option<&str>) -> Result<Outcome> {
    let root = root()?;
    let explained = explained(&fs::read_to_string(root.join(EXPLAINED))?)?;
    let out = root.join("target/mutants");
    fs::create_dir_all(&out)?;
    let mut command = cargo()?;
    command.args(["mutants", "--colors=never", "--output"]).arg(&out);
    if let Some(shard) = shard {
        command.args(["--shard", shard]);
    }
    let mut outcome = watch(&mut command, 1)?;
    let names = |list: &str| -> Result<Vec<String>> {
        let text = fs::read_to_string(out.join("mutants.out").join(list))?;
        Ok(text.lines().map(without_place).collect())
    };
    let missed = names("missed.txt")?;
    let caught = [names("caught.txt")?, names("timeout.txt")?].concat();
    let mut unexpected = Vec::new();
    for name in missed.iter().filter(|name| !explained.contains_key(*name)) {
        unexpected.push(format!("no test is red, and {EXPLAINED} does not say why: {name}"));
    }
    for name in caught.iter().filter(|name| explained.contains_key(*name)) {
        unexpected.push(format!("a test is red, so it leaves {EXPLAINED}: {name}"));
    }
    outcome.passed = unexpected.is_empty() && !(missed.is_empty() && caught.is_empty());
    let tried = missed.len() + caught.len();
    outcome.figures = vec![format!("{tried} tried, {} caught, {} not", caught.len(), missed.len())];
    outcome.figures.extend(unexpected);
    Ok(outcome)
}

/// The mutants of the list, and the reason of each: `NAME`, and the reason indented below it.
fn explained(list: &str) -> Result<BTreeMap<String, String>> {
    let mut explained = BTreeMap::new();
    let mut name = None;
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match (line.strip_prefix("    "), name.take()) {
            (Some(reason), Some(of)) => drop(explained.insert(of, reason.to_owned())),
            (None, None) => name = Some(line.to_owned()),
            _ => return Err(format!("{EXPLAINED}: expected a reason under a name: {line}").into()),
        }
    }
    match name {
        Some(name) => Err(format!("{EXPLAINED}: no reason for {name}").into()),
        None => Ok(explained),
    }
}

/// The name of a mutant without its line and column, which move with every change.
fn without_place(name: &str) -> String {
    match name.split_once(": ") {
        Some((place, change)) => {
            format!("{}: {change}", place.split(':').next().unwrap_or(place))
        }
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_file_and_its_change() {
        let name = "src/deadline.rs:41:9: replace bound -> bool with true";
        assert_eq!(without_place(name), "src/deadline.rs: replace bound -> bool with true");
    }

    #[test]
    fn each_name_on_the_list_has_a_reason() {
        let list = "# why\n\nsrc/a.rs: replace a with ()\n    it only logs\n";
        let read = explained(list).unwrap();
        assert_eq!(read["src/a.rs: replace a with ()"], "it only logs");
        for list in ["src/a.rs: x\n", "    a reason\n", "src/a.rs: x\nsrc/b.rs: y\n    why\n"] {
            assert!(explained(list).is_err(), "{list}");
        }
        assert!(explained(include_str!("../../../tests/mutants.txt")).is_ok());
    }
}
