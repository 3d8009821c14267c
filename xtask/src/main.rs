//! The project's own commands: `cargo xtask NAME`.

mod bless;
mod book;
mod check;
mod dependencies;
mod endure;
mod watch;

use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  bless [--breaking] [EXAMPLE…]   accept the contracts of the examples into proto/
  book [--serve | --pdf | --markdown] [--open]
                                  make the book into target/book, strictly
  check [--watch] [NUMBER]        check an exercise, or all of them, once or at each change
  dependencies                    the licences, sources and doubles of what the library depends on
  reset NUMBER                    an exercise as it was, with your work kept in target/exercises
  endure [RUN…] [--shard K/N]     what takes longer than the gate: chaos, soak, random cases, mutants
  watch --silence SECONDS PROGRAM …
                                  run a test program, and end it when it hangs";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["bless", arguments @ ..] => bless::run(arguments),
        ["book", arguments @ ..] => book::run(arguments),
        ["dependencies"] => dependencies::run(),
        ["check", arguments @ ..] => check::run(arguments),
        ["reset", arguments @ ..] => check::reset(arguments),
        ["--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["endure", "--help"] => {
            println!("{}", endure::usage());
            Ok(())
        }
        ["endure", arguments @ ..] => endure::run(arguments),
        ["watch", arguments @ ..] => watch::run(arguments),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The project's folder.
fn root() -> Result<&'static Path> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask lies in the project")?)
}

/// The cargo that runs this, in the project's folder.
fn cargo() -> Result<Command> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()?);
    Ok(cargo)
}
