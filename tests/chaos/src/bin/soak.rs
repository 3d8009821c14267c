//! Calls and faults for a long time, and what the processes hold meanwhile.

use std::process::ExitCode;

fn main() -> ExitCode {
    chaos::command::main("soak", 60, chaos::kept::run)
}
