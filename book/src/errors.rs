//! The error index on the page: for each code the program that is refused, what is said of it, and
//! the program put right.

use std::{fs, path::Path};

use crate::{
    Problem,
    edition::Edition,
    figure::{listing, output},
    source::{self, Part},
};

/// Where each code has a folder of its own, `tw001` and so on.
const FOLDER: &str = "tests/errors";

/// All codes, in their order.
pub fn expand(root: &Path, edition: Edition) -> Result<String, Problem> {
    let missing = |_| Problem::new(format!("there is no folder `{FOLDER}`"), "put it back");
    let mut codes = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER)).map_err(missing)? {
        codes.push(entry.map_err(missing)?.file_name().to_string_lossy().into_owned());
    }
    codes.sort();
    let sections: Result<Vec<_>, _> =
        codes.iter().map(|code| section(root, edition, code)).collect();
    Ok(sections?.concat())
}

fn section(root: &Path, edition: Edition, code: &str) -> Result<String, Problem> {
    let path = |file: &str| format!("{FOLDER}/{code}/{file}");
    let read = |file: &str| source::read(root, &path(file), &Part::Whole);
    let message = read("message.snap")?;
    let upper = code.to_uppercase();
    // `error: what is wrong [TW001]`
    let what = message.lines().next().and_then(|line| line.strip_prefix("error: "));
    let Some(what) = what.and_then(|line| line.strip_suffix(&format!(" [{upper}]"))) else {
        let what = format!("`{}` does not begin with an error of that code", path("message.snap"));
        return Err(Problem::new(what, "review the snapshot"));
    };
    let wrong = listing(edition, &path("wrong.rs"), None, &read("wrong.rs")?);
    let message = output(edition, &message);
    let right = listing(edition, &path("right.rs"), None, &read("right.rs")?);
    Ok(format!("## {upper}: {what} {{#{code}}}\n\n{wrong}\n{message}\n{right}\n"))
}
