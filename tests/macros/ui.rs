//! What the compiler itself says of a service: only what is ours, all at once, or ours first.
//!
//! The wording of the rest is the compiler's, and moves with it: these run with one version.
//! `INSTA_UPDATE=always` accepts what it says now, as with the snapshots.

use std::{env, fs, path::Path, process::Command};

use traitwire_tests::skipped;

const COMPILER: &str = "rustc 1.95.";

/// What this test is linked with, and the programs are compiled against.
const LIBRARIES: &[&str] = &linked::libraries!();

#[test]
fn the_compiler_shows_our_text_first_and_nothing_that_follows_from_it() {
    let version = Command::new("rustc").arg("--version").output();
    let version = String::from_utf8(version.expect("rustc runs").stdout).expect("it is text");
    if !version.starts_with(COMPILER) {
        let version = version.trim();
        return skipped(&format!("these messages are those of {COMPILER}x, and this is {version}"));
    }
    let mut programs = Vec::new();
    for entry in fs::read_dir("macros/ui").expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_some_and(|it| it == "rs") {
            programs.push(path);
        }
    }
    programs.sort();
    assert!(!programs.is_empty());
    let accept = env::var("INSTA_UPDATE").is_ok_and(|it| it == "always");
    let mut differ = Vec::new();
    for program in programs {
        let said = refuse(&program);
        let kept = program.with_extension("stderr");
        if accept {
            fs::write(&kept, said).expect("it can be written");
        } else if fs::read_to_string(&kept).unwrap_or_default() != said {
            differ.push(format!("{}, and the compiler says:\n{said}", kept.display()));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// What the compiler says of a program that it must refuse.
fn refuse(program: &Path) -> String {
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--emit=metadata", "--out-dir", env!("CARGO_TARGET_TMPDIR")]);
    // From the root, as cargo compiles, so that it finds the sources of ours that it quotes.
    rustc.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    rustc.args(LIBRARIES).arg(Path::new("tests").join(program));
    let output = rustc.output().expect("rustc runs");
    assert!(!output.status.success(), "{} compiles", program.display());
    let said = String::from_utf8(output.stderr).expect("the compiler says UTF-8");
    portable(&said)
}

/// Without the lines that our own sources and those of others stand in today, the types that happen to
/// be linked, and the count of errors at the end.
fn portable(said: &str) -> String {
    let end = said.find("\nerror: aborting due to").unwrap_or(said.len());
    let mut portable = String::new();
    let mut in_our_sources = false;
    let mut lines = said[..end].trim_end().lines().peekable();
    while let Some(line) = lines.next() {
        let mark = if line.contains("::: ") { "::: " } else { "--> " };
        if let Some((arrow, place)) = line.split_once(mark) {
            let is_library = place.starts_with('/');
            in_our_sources = place.starts_with("src/") || is_library;
            if let Some((file, _)) = place.split_once(':').filter(|_| in_our_sources) {
                portable += &format!("{arrow}{mark}{}\n", if is_library { "…" } else { file });
                continue;
            }
        }
        if line.contains("= help: the following other types implement trait") {
            while lines.next_if(|it| it.starts_with("       ")).is_some() {}
            continue;
        }
        match line.split_once('|') {
            Some((number, rest)) if in_our_sources && !number.contains('=') => {
                portable += &format!("{:1$}|{rest}\n", "", number.len());
            }
            _ => portable += &format!("{line}\n"),
        }
    }
    portable
}
