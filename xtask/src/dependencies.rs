//! `cargo xtask dependencies`: what those get who depend on the library, with all of its features, on every platform:
//! under which licences, how often, and from where. It needs no network once everything is downloaded.

use std::{collections::BTreeMap, fs};

use crate::{Result, cargo, root};

/// What may be built into a program that is sold, with no more than a notice.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// What is there twice, and because of whom.
const DOUBLES: &[(&str, &str)] = &[
    ("base64", "tonic is at the one before"),
    ("getrandom", "ring is at the one before"),
    ("syn", "prost-derive is at the one before"),
    ("thiserror", "ppp is at the one before"),
    ("thiserror-impl", "ppp is at the one before"),
    ("windows-sys", "ring is at the one before"),
];

pub(crate) fn run() -> Result {
    let faults = [licences_and_doubles(&tree()?), sources()?].concat();
    match faults.as_slice() {
        [] => Ok(()),
        faults => Err(faults.join("\n").into()),
    }
}

/// A line for each dependency: `name v1.2.3|licence`.
fn tree() -> Result<String> {
    let mut tree = cargo()?;
    tree.args(["tree", "--locked", "--package", "traitwire", "--all-features", "--target", "all"]);
    tree.args(["--edges", "normal,build", "--prefix", "none", "--no-dedupe"]);
    let output = tree.args(["--format", "{p}|{l}"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim_end().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn licences_and_doubles(tree: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for line in tree.lines() {
        let Some((package, licence)) = line.split_once('|') else { continue };
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        versions.entry(name).or_default().insert(version, licence);
    }
    let mut faults = Vec::new();
    for (name, versions) in &versions {
        for (version, licence) in versions {
            if !is_allowed(licence) {
                faults.push(format!("{name} {version}: the licence {licence:?} is on no list"));
            }
        }
        let known = DOUBLES.iter().any(|(it, _)| it == name);
        if known != (versions.len() > 1) {
            let versions: Vec<_> = versions.keys().copied().collect();
            let versions = versions.join(", ");
            faults.push(match known {
                true => {
                    format!("{name}: there is {versions} alone, so take it off the list of doubles")
                }
                false => {
                    format!("{name}: there is {versions}; use one, or list it with the reason")
                }
            });
        }
    }
    faults
}

/// Whether an SPDX expression can be met. Parentheses stand around alternatives only.
fn is_allowed(expression: &str) -> bool {
    let is_listed = |it: &str| LICENCES.contains(&it.trim());
    let is_met = |it: &str| it.replace(" OR ", "/").split('/').any(is_listed);
    let parts: Vec<_> = expression.split(" AND ").map(|it| it.trim_matches(['(', ')'])).collect();
    parts.into_iter().all(is_met)
}

/// Whatever comes from elsewhere than the registry.
fn sources() -> Result<Vec<String>> {
    let lock = fs::read_to_string(root()?.join("Cargo.lock"))?;
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let foreign = sources.filter(|source| !source.contains("crates.io-index"));
    Ok(foreign.map(|source| format!("Cargo.lock: {source} is no released crate")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_read_as_expressions() {
        for allowed in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND MPL-2.0"] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn what_is_new_and_what_is_over_is_told() {
        let twice = |(name, _): &(&str, &str)| format!("{name} v1.0.0|MIT\n{name} v2.0.0|MIT\n");
        let known: String = DOUBLES.iter().map(twice).collect();
        assert_eq!(licences_and_doubles(&known), [""; 0]);
        let faults = format!("{known}bytes v1.0.0|GPL-3.0\nbytes v2.0.0 (proc-macro)|MIT");
        assert_eq!(
            licences_and_doubles(&faults),
            [
                "bytes v1.0.0: the licence \"GPL-3.0\" is on no list",
                "bytes: there is v1.0.0, v2.0.0; use one, or list it with the reason",
            ]
        );
        let over = known.replace("base64 v1.0.0|MIT\n", "");
        let said = "base64: there is v2.0.0 alone, so take it off the list of doubles";
        assert_eq!(licences_and_doubles(&over), [said]);
    }
}
