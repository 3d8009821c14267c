//! `cargo xtask check 02`: what is still wrong with a learner's work, in a sentence.
//!
//! Without a number, all exercises are checked. With `--watch` one is checked whenever its file is
//! saved; when it passes, the next that does not is opened.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use notify::{Event, RecursiveMode, Watcher};

use crate::{Result, cargo, root};

/// Editors write a file several times.
const QUIET: Duration = Duration::from_millis(200);

pub(crate) fn run(words: &[&str]) -> Result {
    let watching = words.contains(&"--watch");
    let numbers: Vec<&str> = words.iter().copied().filter(|word| *word != "--watch").collect();
    let names = exercises(&root()?.join("exercises"))?;
    let chosen: Vec<&String> = match numbers.as_slice() {
        [] => names.iter().collect(),
        [number] => vec![named(&names, number)?],
        _ => return Err("expected one number, or none for all exercises".into()),
    };
    if watching {
        return watch(&names, numbers.first().map(|_| chosen[0].as_str()));
    }
    if let [name] = chosen.as_slice() {
        return match passes(name)? {
            true => Ok(()),
            false => Err(format!("write in {}", start(name).display()).into()),
        };
    }
    match solved(&names)? {
        (_, None) => Ok(()),
        (count, Some(open)) => {
            let all = names.len();
            Err(format!("{count} of {all} are solved; next: {}", start(&open).display()).into())
        }
    }
}

/// `cargo xtask reset 02`: an exercise as it was, with the learner's work kept aside.
pub(crate) fn reset(words: &[&str]) -> Result {
    let [number] = words else {
        return Err("expected the number of an exercise: `cargo xtask reset 02`".into());
    };
    let names = exercises(&root()?.join("exercises"))?;
    let name = named(&names, number)?;
    let start = start(name);
    let kept = PathBuf::from("target/exercises").join(format!("{name}.rs"));
    fs::create_dir_all(root()?.join("target/exercises"))?;
    fs::copy(root()?.join(&start), root()?.join(&kept))?;
    let mut git = std::process::Command::new("git");
    git.current_dir(root()?).args(["restore", "--source=HEAD", "--"]).arg(&start);
    if !git.status().map_err(|error| format!("git: {error}"))?.success() {
        return Err(format!("git cannot restore {}", start.display()).into());
    }
    println!("{} is as it was last committed; your work is in {}", start.display(), kept.display());
    Ok(())
}

/// Checks on each change, until it is interrupted or all exercises pass.
fn watch(names: &[String], chosen: Option<&str>) -> Result {
    let (changed, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Cargo reads the files that are watched.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            let _ = changed.send(());
        }
    })?;
    let mut current = match chosen {
        Some(name) => name.to_owned(),
        None => match solved(names)? {
            (_, None) => return Ok(()),
            (_, Some(open)) => open,
        },
    };
    loop {
        let folder = root()?.join("exercises").join(&current);
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        println!("\n{}", start(&current).display());
        while !passes(&current)? {
            println!("(waiting for a change; Ctrl-C ends)");
            changes.recv()?;
            while changes.recv_timeout(QUIET).is_ok() {}
            println!();
        }
        watcher.unwatch(&folder)?;
        let (count, open) = solved(names)?;
        println!("{count} of {} are solved", names.len());
        match open {
            Some(open) => current = open,
            None => return Ok(()),
        }
    }
}

/// Checks all of them: how many pass, and the first that does not.
fn solved(names: &[String]) -> Result<(usize, Option<String>)> {
    let (mut count, mut open) = (0, None);
    for name in names {
        print!("{name}: ");
        io::stdout().flush()?;
        if passes(name)? {
            count += 1;
        } else {
            open.get_or_insert_with(|| name.clone());
        }
    }
    Ok((count, open))
}

/// Runs the check, which says how it goes.
fn passes(name: &str) -> Result<bool> {
    let status =
        cargo()?.args(["run", "--quiet", "--package", "exercises", "--bin", name]).status()?;
    Ok(status.success())
}

/// Where a learner writes.
fn start(name: &str) -> PathBuf {
    Path::new("exercises").join(name).join("start.rs")
}

fn named<'a>(names: &'a [String], number: &str) -> Result<&'a String> {
    let number_of = |name: &'a String| name.split('_').next().unwrap_or_default();
    names.iter().find(|name| number_of(name) == number).ok_or_else(|| {
        let numbers: Vec<_> = names.iter().map(number_of).collect();
        format!("no such exercise; there are {}", numbers.join(", ")).into()
    })
}

/// The folders of the exercises, in their order.
fn exercises(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(|letter: char| letter.is_ascii_digit()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
