//! Programs of other people, where they are installed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use traitwire_tests::{peers, skipped};

/// The program of that name, installed for the tests or on the path. Without it the test says so,
/// and is done.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let found = on_the_path(name);
    if found.is_none() {
        skipped(&format!("no {name}; `tests/peers/install.sh` installs it"));
    }
    found
}

/// The same, without a word.
pub(crate) fn on_the_path(name: &str) -> Option<PathBuf> {
    let ours = ["go/bin", "python/bin", "node/node_modules/.bin"].map(|it| peers().join(it));
    let path = env::var_os("PATH").unwrap_or_default();
    ours.into_iter().chain(env::split_paths(&path)).map(|it| it.join(name)).find(|it| it.is_file())
}

/// A Python that has this module.
pub(crate) fn python(module: &str) -> Option<PathBuf> {
    let python = find("python3")?;
    let import = Command::new(&python).arg("-c").arg(format!("import {module}")).output();
    if import.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(&format!("no {module} for Python; `tests/peers/install.sh python` installs it"));
    None
}

/// An empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the folder of the last run goes");
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
