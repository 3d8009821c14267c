//! `cargo xtask book`: the builder of the book is a package of its own, so that the other commands
//! do not wait for mdBook to be compiled.

use crate::{Result, cargo};

pub(crate) fn run(arguments: &[&str]) -> Result {
    let builder = ["run", "--quiet", "--package", "traitwire-book", "--"];
    let status = cargo()?.args(builder).args(arguments).status()?;
    // The builder has said what is wrong.
    std::process::exit(status.code().unwrap_or(1))
}
