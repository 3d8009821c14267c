//! The command line of both programs.

use std::{
    collections::hash_map::RandomState, hash::BuildHasher, process::ExitCode, time::Duration,
};

use crate::process::{self, Result};

/// What a run is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Decides the faults and the calls.
    pub seed: u64,
    /// How long faults and calls go on.
    pub length: Duration,
}

/// Reads the command line, and does what it says: a run, or the part of a process of one.
///
/// Exit code 0: all was well. 1: it was not, and why is the last line. 2: the command line cannot
/// be read.
pub fn main(name: &str, seconds: u64, run: impl FnOnce(Options) -> Result) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(outcome) = process::child(&words) {
        return exit_code(outcome);
    }
    let Some(options) = read(&words, seconds) else {
        eprintln!("usage: {name} [--seed N] [--seconds N], of 5 at least");
        return ExitCode::from(2);
    };
    let Options { seed, length } = options;
    println!("{name} --seed {seed} --seconds {}", length.as_secs());
    exit_code(run(options))
}

fn exit_code(outcome: Result) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: &[String], seconds: u64) -> Option<Options> {
    let mut options = Options {
        seed: RandomState::new().hash_one(()) >> 32,
        length: Duration::from_secs(seconds),
    };
    for pair in words.chunks(2) {
        let [name, value] = pair else { return None };
        let value: u64 = value.parse().ok()?;
        match &**name {
            "--seed" => options.seed = value,
            "--seconds" if value >= 5 => options.length = Duration::from_secs(value),
            _ => return None,
        }
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Option<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        read(&words, 30)
    }

    #[test]
    fn a_command_line_is_read_or_refused() {
        let options = read_line("--seconds 300 --seed 7");
        assert_eq!(options, Some(Options { seed: 7, length: Duration::from_secs(300) }));
        assert_eq!(read_line("").map(|it| it.length), Some(Duration::from_secs(30)));
        for line in ["--seed", "--seed x", "--seconds 1", "7", "--other 7"] {
            assert_eq!(read_line(line), None, "{line}");
        }
    }
}
