//! What the checks of the exercises share.
//!
//! An exercise is a folder: `start.rs` is where a learner writes, `solution.rs` is one that passes,
//! and `check.rs` is a program that checks the one, or with the word `solution` the other. What is
//! still wrong comes as one sentence.

use std::{env, fmt::Debug, future::Future, process, process::ExitCode, thread, time::Duration};

use traitwire::{Status, Streaming, stream_fn};

/// What a check returns: the sentence says what is still wrong.
pub type Checked<T = ()> = Result<T, String>;

/// Makes the program of an exercise of its check, a function `check` that is tried on `start.rs` or
/// on `solution.rs`. What these files make public is in its scope.
#[macro_export]
macro_rules! exercise {
    ($($check:tt)*) => {
        #[allow(dead_code, unreachable_pub, reason = "it is written as in a library")]
        mod solution;
        #[allow(dead_code, unreachable_pub, reason = "it is written as in a library")]
        mod start;

        mod check_start {
            use super::start::*;
            $($check)*
        }

        mod check_solution {
            use super::solution::*;
            $($check)*
        }

        fn main() -> std::process::ExitCode {
            $crate::run(check_start::check, check_solution::check)
        }
    };
}

/// Runs a check, and says how it went: exit code 0 when it passes, 1 when it does not.
pub fn run<Start, Solution>(
    start: impl FnOnce() -> Start,
    solution: impl FnOnce() -> Solution,
) -> ExitCode
where
    Start: Future<Output = Checked>,
    Solution: Future<Output = Checked>,
{
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    thread::spawn(stop);
    let outcome = match words.as_slice() {
        [] => wait(start()),
        ["solution"] => wait(solution()),
        _ => {
            eprintln!("error: expected nothing, or `solution`");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => {
            println!("It passes.");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            println!("Not yet: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Nothing in an exercise takes as long: time is paused, and jumps ahead when everybody waits.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait(check: impl Future<Output = Checked>) -> Checked {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(|error| format!("the check cannot start: {error}."))?;
    let outcome = runtime.block_on(async { tokio::time::timeout(PATIENCE, check).await });
    let never = "the check waits, and nothing happens any more. Who waits for whom?";
    outcome.unwrap_or_else(|_| Err(never.to_owned()))
}

/// How long a check may take by the clock on the wall; it needs a small part of a second.
const LIMIT: Duration = Duration::from_secs(20);

/// Ends a check whose task never waits: no timer of its own thread would.
fn stop() {
    thread::sleep(LIMIT);
    println!("Not yet: a loop goes on and on, and never waits. What ends it?");
    process::exit(1);
}

/// What becomes of `future` when nobody does anything else: `None` if it waits for that.
pub async fn soon<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(1), future).await.ok()
}

/// What a server reads when its caller breaks off after these messages.
pub fn broken_off<T: Send + 'static>(messages: Vec<T>) -> Streaming<T> {
    Streaming::new(stream_fn(async move |mut out| {
        for message in messages {
            out.send(message).await?;
        }
        Err(Status::cancelled("the caller has gone"))
    }))
}

/// Passes when something is so.
pub fn ensure(is_so: bool, sentence: impl Into<String>) -> Checked {
    if is_so { Ok(()) } else { Err(sentence.into()) }
}

/// Passes when what was found is what was expected.
pub fn equal<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Checked {
    let sentence = format!("{what}: found {found:?}, expected {expected:?}.");
    ensure(found == expected, sentence)
}
