//! `cargo xtask bless`: what the examples print with `-- proto` becomes the contract in `proto/`.
//!
//! Each contract has a folder, which is called after the first example that has it. Changes that
//! break somebody need `--breaking`. Every contract is read and compared before the first file is
//! written.

use std::{fs, path::Path};

use traitwire::schema::{Class, Lock, LockError, Schema};

use crate::{Result, cargo, root};

pub(crate) fn run(arguments: &[&str]) -> Result {
    let (flags, names): (Vec<&str>, Vec<&str>) =
        arguments.iter().partition(|it| it.starts_with('-'));
    let accepted = match flags.as_slice() {
        [] => Class::Additive,
        ["--breaking"] => Class::Breaking,
        _ => return Err(format!("cannot read `{}`", flags.join(" ")).into()),
    };
    let root = root()?;
    let names = match names.as_slice() {
        [] => examples(&root.join("examples"))?,
        names => names.iter().map(ToString::to_string).collect(),
    };
    let mut contracts: Vec<(String, Lock, Schema)> = Vec::new();
    for name in names {
        let schema = contract(&name)?;
        let folder = root.join("proto").join(&name);
        let is_new = !folder.exists();
        if is_new && (is_accepted(root, &schema)? || contracts.iter().any(|(.., it)| *it == schema))
        {
            continue; // it is the contract of another example
        }
        let lock = Lock::at(folder);
        let changes = match lock.check(&schema) {
            Ok(()) => continue,
            Err(LockError::Changed { changes, .. }) => changes,
            Err(error) => return Err(error.into()),
        };
        if changes.iter().any(|change| change.class() > accepted) {
            let lines: Vec<_> = changes.iter().map(|change| format!("\n  {change}")).collect();
            let lines = lines.concat();
            return Err(format!("proto/{name}{lines}\naccept it with `--breaking`").into());
        }
        contracts.push((name, lock, schema));
    }
    for (name, lock, schema) in contracts {
        println!("proto/{name}");
        for change in lock.bless(&schema, accepted)? {
            println!("  {change}");
        }
    }
    Ok(())
}

/// The names of the examples that have a number: files and folders.
fn examples(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if stem.starts_with(|letter: char| letter.is_ascii_digit()) {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a folder of `proto/` holds this contract.
fn is_accepted(root: &Path, schema: &Schema) -> Result<bool> {
    for folder in fs::read_dir(root.join("proto"))? {
        if Lock::at(folder?.path()).check(schema).is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an example says of its contract.
fn contract(name: &str) -> Result<Schema> {
    // The others are built without it.
    let features = if name == "16_tls" { "tls" } else { "" };
    let words = ["run", "--quiet", "--example", name, "--features", features, "--", "proto"];
    let output = cargo()?.args(words).output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} -- proto: {}", errors.trim_end()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Schema::parse(&text).map_err(|error| format!("{name} -- proto: {error}").into())
}
