//! Kills, cuts and delays, and then compares the ledgers.

use std::process::ExitCode;

fn main() -> ExitCode {
    chaos::command::main("chaos", 30, chaos::lost::run)
}
