//! The packages that `Cargo.lock` names, and the examples of the workspace.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What `cargo metadata` knows.
#[derive(Deserialize)]
pub struct Packages {
    packages: Vec<Package>,
}

/// A package at its locked version, with its sources.
#[derive(Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The version that the lock file has.
    pub version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Package {
    /// The folder of its sources.
    pub fn folder(&self) -> &Path {
        self.manifest_path.parent().expect("a manifest lies in a folder")
    }
}

impl Packages {
    /// Asks cargo; nothing is downloaded that a build on this host does not need.
    pub fn of(root: &Path) -> Result<Self> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let host = run(Command::new("rustc").arg("-vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("`rustc -vV` names no host")?;
        let arguments = ["metadata", "--format-version=1", "--filter-platform", host];
        let json = run(Command::new(cargo).args(arguments).current_dir(root))?;
        serde_json::from_str(&json).context("what `cargo metadata` printed")
    }

    /// All versions of a package that are locked.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Package> {
        self.packages.iter().filter(move |package| package.name == name)
    }

    /// The numbered examples under the root: `02_pow`.
    pub fn examples(&self, root: &Path) -> BTreeSet<String> {
        let ours = self.packages.iter().filter(|package| package.manifest_path.starts_with(root));
        let targets = ours.flat_map(|package| &package.targets);
        targets
            .filter(|target| target.kind.iter().any(|kind| kind == "example"))
            .filter(|target| target.name.starts_with(|it: char| it.is_ascii_digit()))
            .map(|target| target.name.clone())
            .collect()
    }
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}", errors.trim_end());
    Ok(String::from_utf8(output.stdout)?)
}
