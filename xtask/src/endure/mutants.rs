//! Changes of behaviour by cargo-mutants (`cargo install cargo-mutants`), over the runtime and the
//! macros.
//!
//! Those that no test catches stand in `tests/mutants.txt`, each with the reason. One that is not on
//! the list fails the run, and so does one on the list that is caught now.

use std::{collections::BTreeMap, fs};

use super::{Outcome, watch};
use crate::{Result, cargo, root};

const EXPLAINED: &str = "tests/mutants.txt";

/// The packages that are changed, each with the tests that are to see it: those of its own behaviour,
/// the quickest first. Tests of the macros' own need no build of all that is made with them.
///
/// The tool's own run before the changes knows the tests of the changed package alone, so it is left
/// out; that they pass unchanged is for the gate.
const CHANGED: &[(&str, &str)] = &[
    (
        "traitwire",
        "--baseline=skip --timeout=120 --test-package traitwire,traitwire-tests -- --lib \
         --test serving --test wire --test contract --test streams --test hostile",
    ),
    (
        "traitwire-macros",
        "--exclude macros/src/tests/** --baseline=skip --timeout=120 \
         --test-package traitwire-macros,traitwire-tests -- --lib --test macros",
    ),
];

/// Fails where the tool is missing, before anything long has begun.
pub(super) fn is_installed() -> Result {
    match cargo()?.args(["mutants", "--version"]).output()?.status.success() {
        true => Ok(()),
        false => Err("there is no cargo-mutants; run `cargo install cargo-mutants`".into()),
    }
}

/// Tries all of them, or the shard `K/N` of them.
pub(super) fn run(shard: Option<&str>) -> Result<Outcome> {
    let root = root()?;
    let list = fs::read_to_string(root.join(EXPLAINED))?;
    let explained = explained(&list)?;
    let (mut missed, mut caught, mut seconds) = (Vec::new(), Vec::new(), 0);
    for (package, tests) in CHANGED {
        let out = root.join("target/mutants").join(package);
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        let mut command = cargo()?;
        command.args(["mutants", "--colors=never", "--package", package, "--output"]).arg(&out);
        if let Some(shard) = shard {
            command.args(["--shard", shard]);
        }
        // It fails when a mutant is missed; whether that is all right is judged below.
        seconds += watch(command.args(tests.split_whitespace()), 0)?.seconds;
        let names = |list: &str| -> Result<Vec<String>> {
            let text = fs::read_to_string(out.join("mutants.out").join(list))?;
            Ok(text.lines().map(without_place).collect())
        };
        let (unseen, seen) =
            (names("missed.txt")?, [names("caught.txt")?, names("timeout.txt")?].concat());
        if unseen.is_empty() && seen.is_empty() {
            return Err(format!("nothing was tried in {package}; the output above says why").into());
        }
        missed.extend(unseen);
        caught.extend(seen);
    }
    let mut figures = vec![format!(
        "{} tried, {} caught, {} not",
        missed.len() + caught.len(),
        caught.len(),
        missed.len()
    )];
    let unexplained = missed.iter().filter(|name| !explained.contains_key(name.as_str()));
    figures.extend(unexplained.map(|it| format!("missed, and not in {EXPLAINED}: {it}")));
    let outdated = caught.iter().filter(|name| explained.contains_key(name.as_str()));
    figures.extend(outdated.map(|it| format!("caught, so it leaves {EXPLAINED}: {it}")));
    let passed = figures.len() == 1 && !caught.is_empty();
    Ok(Outcome { passed, seconds, figures })
}

/// The mutants of the list, and the reason of each: a name, and the reason indented below it.
fn explained(list: &str) -> Result<BTreeMap<&str, &str>> {
    let mut explained = BTreeMap::new();
    let mut name = None;
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match (line.strip_prefix("    "), name.take()) {
            (Some(reason), Some(of)) => drop(explained.insert(of, reason)),
            (None, None) => name = Some(line),
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
    let Some((place, change)) = name.split_once(": ") else { return name.to_owned() };
    format!("{}: {change}", place.split(':').next().unwrap_or(place))
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
        assert_eq!(explained(list).unwrap()["src/a.rs: replace a with ()"], "it only logs");
        for list in ["src/a.rs: x\n", "    a reason\n", "src/a.rs: x\nsrc/b.rs: y\n    why\n"] {
            assert!(explained(list).is_err(), "{list}");
        }
        assert!(explained(include_str!("../../../tests/mutants.txt")).is_ok());
    }
}
