//! `cargo xtask book`: the builder of the book is a package of its own, so that the other commands
//! do not wait for mdBook to be compiled.

use std::{env, process::Command};

use crate::Result;

pub(crate) fn run(arguments: &[&str]) -> Result {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let builder = ["run", "--quiet", "--package", "traitwire-book", "--"];
    let status = Command::new(cargo).args(builder).args(arguments).status()?;
    // The builder has said what is wrong.
    std::process::exit(status.code().unwrap_or(1))
}
