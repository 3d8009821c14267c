//! `cargo xtask endure`: what takes longer than a gate may, before something is called done.
//!
//! Every run goes to its end, whatever the ones before it said; a summary with the last lines of
//! each comes after them all.

mod mutants;

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{Result, cargo};

/// A run: its name, what it is, and how it is started.
struct Run {
    name: &'static str,
    about: &'static str,
    /// The arguments of cargo, with spaces between them.
    cargo: &'static str,
    /// How many cases, for tests that take them from `CASES`.
    cases: u32,
    /// How many lines at the end are its figures.
    figures: usize,
}

const RUNS: &[Run] = &[
    Run {
        name: "chaos",
        about: "kills, cuts and delays for 5 minutes: nothing lost, doubled, or out of order",
        cargo: "run --quiet --release -p chaos --bin chaos -- --seconds 300",
        cases: 0,
        figures: 12,
    },
    Run {
        name: "soak",
        about: "calls and faults for 10 minutes: everything is given back",
        cargo: "run --quiet --release -p chaos --bin soak -- --seconds 600",
        cases: 0,
        figures: 16,
    },
    Run {
        name: "macros",
        about: "300,000 random inputs for the macros: Rust or an error of ours, and no panic",
        cargo: "test --quiet --release -p traitwire-macros random",
        cases: 300_000,
        figures: 1,
    },
    Run {
        name: "wire",
        about: "300,000 broken connections for the readers of frames, headers and messages",
        cargo: "test --quiet --release -p wire mutation",
        cases: 300_000,
        figures: 1,
    },
    Run {
        name: "serving",
        about: "700,000 broken connections of 14 frames each for the library's server",
        cargo: "test --quiet --release -p traitwire-tests --test serving mutated",
        cases: 700_000,
        figures: 1,
    },
    Run {
        name: "shutdown",
        about: "100 servers, each process 1 of its namespace, are terminated under load: no call lost",
        cargo: "test --quiet --release -p traitwire-tests --test serving terminated -- --nocapture",
        cases: 100,
        figures: 3,
    },
    Run {
        name: "channel",
        about: "625,000 broken connections of 16 frames each for the library's channel",
        cargo: "test --quiet --release -p traitwire-tests --test channel mutated",
        cases: 625_000,
        figures: 1,
    },
    Run {
        name: "tls",
        about: "1,000 renewals of certificates under load: no call lost",
        cargo: "test --quiet --release -p tls-tests under_load -- --nocapture",
        cases: 1000,
        figures: 1,
    },
    Run {
        name: "client",
        about: "150,000 broken connections for the client of example 18",
        cargo: "test --quiet --release -p client_write_path mutated",
        cases: 150_000,
        figures: 1,
    },
    Run {
        name: "server",
        about: "20,000 broken connections for the server of example 19",
        cargo: "test --quiet --release -p server_dispatch mutated",
        cases: 20_000,
        figures: 1,
    },
];

const MUTANTS: &str =
    "changes of behaviour in the runtime and the macros: a test is red for each; it
           takes many hours, or an hour for `--shard K/N`, one part of N, with N about 20";

pub(crate) fn run(arguments: &[&str]) -> Result {
    let (names, shard) = match arguments {
        [names @ .., "--shard", shard] => (names, Some(*shard)),
        names => (names, None),
    };
    let known = |name: &str| name == "mutants" || RUNS.iter().any(|run| run.name == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        return Err(format!("there is no `{name}`\n{}", usage()).into());
    }
    let asked_for = |name: &str| names.is_empty() || names.contains(&name);
    // They take many hours, so they are not among all.
    let with_mutants = names.contains(&"mutants");
    if with_mutants {
        mutants::is_installed()?;
    }
    let mut summary = Vec::new();
    for run in RUNS.iter().filter(|run| asked_for(run.name)) {
        println!("── {}: {}", run.name, run.about);
        let mut command = cargo()?;
        command.args(run.cargo.split(' '));
        if run.cases > 0 {
            command.env("CASES", run.cases.to_string());
        }
        summary.push((run.name, watch(&mut command, run.figures)?));
    }
    if with_mutants {
        println!("── mutants");
        summary.push(("mutants", mutants::run(shard)?));
    }
    println!("\n── summary");
    for (name, outcome) in &summary {
        let how = if outcome.passed { "passed" } else { "FAILED" };
        println!("{name}: {how}, {} s", outcome.seconds);
        for line in &outcome.figures {
            println!("  {line}");
        }
    }
    let failed = summary.iter().filter(|(_, outcome)| !outcome.passed).count();
    if failed > 0 {
        return Err(format!("{failed} of {} failed", summary.len()).into());
    }
    Ok(())
}

/// What can be asked for.
pub(crate) fn usage() -> String {
    let mut usage = String::from("the runs are, all but the last unless some are named:");
    for run in RUNS {
        usage += &format!("\n  {:<9}{}", run.name, run.about);
    }
    usage + &format!("\n  {:<9}{MUTANTS}", "mutants")
}

/// How a run ended.
struct Outcome {
    passed: bool,
    seconds: u64,
    figures: Vec<String>,
}

/// Runs a command, passes on what it prints, and keeps its last lines.
fn watch(command: &mut Command, figures: usize) -> Result<Outcome> {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut last = VecDeque::new();
    for line in BufReader::new(child.stdout.take().ok_or("it is piped")?).lines() {
        let line = line?;
        println!("{line}");
        if !line.trim().is_empty() {
            last.push_back(line);
        }
        if last.len() > figures {
            last.pop_front();
        }
    }
    let passed = child.wait()?.success();
    Ok(Outcome { passed, seconds: began.elapsed().as_secs(), figures: last.into() })
}
