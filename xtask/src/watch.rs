//! `xtask watch --silence SECONDS PROGRAM …`: runs a test program for cargo, and ends it when it
//! hangs, with the names of the tests that run and where its threads stand.
//!
//! libtest has no limit for a test, but it names those that run for over a minute. So a program
//! that prints nothing for some minutes more hangs, and the tests that it named are those to look at.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use crate::Result;

/// The exit code of a program that was ended, as `timeout` has it.
const ENDED: i32 = 124;

pub(crate) fn run(arguments: &[&str]) -> Result {
    let ["--silence", seconds, program, arguments @ ..] = arguments else {
        return Err("usage: cargo xtask watch --silence SECONDS PROGRAM [ARGUMENT…]".into());
    };
    let silence = Duration::from_secs(seconds.parse()?);
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    #[cfg(unix)] // so that what it has started can be ended with it
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;

    let mut stdout = BufReader::new(child.stdout.take().ok_or("it is piped")?);
    let (lines, printed) = mpsc::channel();
    thread::spawn(move || {
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if lines.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });

    let mut slow = BTreeSet::new();
    loop {
        match printed.recv_timeout(silence) {
            Ok(line) => {
                std::io::stdout().write_all(&line)?;
                note(&String::from_utf8_lossy(&line), &mut slow);
            }
            // Its output is closed, so it has ended or is about to.
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("error: {program} has printed nothing for {seconds} s, and is ended");
                for test in &slow {
                    eprintln!("still running: {test}");
                }
                say_where_it_stands(child.id());
                end(&mut child)?;
                std::process::exit(ENDED);
            }
        }
    }
    let status = child.wait()?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Notes the tests that libtest has named, until they end.
fn note(line: &str, slow: &mut BTreeSet<String>) {
    let Some(rest) = line.strip_prefix("test ") else { return };
    if let Some((test, _)) = rest.split_once(" has been running for over ") {
        slow.insert(test.to_owned());
    } else if let Some((test, _)) = rest.split_once(" ... ") {
        slow.remove(test);
    }
}

/// A backtrace of each thread, from gdb: the threads of libtest are called after their tests.
fn say_where_it_stands(process: u32) {
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "--pid", &process.to_string(), "--ex", "thread apply all backtrace 40"]);
    // Warnings of gdb's, about what it has no sources of, help nobody.
    match gdb.stdin(Stdio::null()).stderr(Stdio::null()).output() {
        Ok(output) => eprintln!("{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => eprintln!("no backtrace, for gdb does not start: {error}"),
    }
}

/// Ends the program, and what it has started.
fn end(child: &mut std::process::Child) -> Result {
    if cfg!(unix) {
        Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status()?;
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_test_is_noted_until_it_ends() {
        let mut slow = BTreeSet::new();
        for line in [
            "running 3 tests",
            "test pairs::one has been running for over 60 seconds",
            "test pairs::two has been running for over 60 seconds",
            "test pairs::one ... ok",
            "test pairs::three ... ok",
        ] {
            note(line, &mut slow);
        }
        assert_eq!(slow.into_iter().collect::<Vec<_>>(), ["pairs::two"]);
    }
}
