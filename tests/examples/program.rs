//! The built examples as programs.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// The built example. `cargo test --workspace` builds all of them.
pub(crate) fn example(name: &str) -> Command {
    let test = env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    let path: PathBuf = folder.join("examples").join(name);
    assert!(path.exists(), "{name} is not built: run `cargo build --examples` first");
    Command::new(path)
}

/// Runs an example to its end.
pub(crate) fn run(name: &str, words: &[&str]) -> (Option<i32>, String, String) {
    let output = example(name).args(words).output().expect("the example starts");
    let text = |bytes| String::from_utf8(bytes).expect("examples print UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A server in a process of its own; killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(name: &str) -> Self {
        Self::start_with(name, &["serve", "127.0.0.1:0"])
    }

    pub(crate) fn start_with(name: &str, words: &[&str]) -> Self {
        let mut command = example(name);
        command.args(words).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the example starts");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("it is piped");
        // Byte by byte, so that nothing behind the line is lost in a buffer.
        BufReader::with_capacity(1, stdout).read_line(&mut line).expect("it says where it listens");
        let address = line
            .strip_prefix("server: listening on ")
            .and_then(|rest| rest.split(',').next())
            .unwrap_or_else(|| panic!("not where it listens: {line:?}"));
        Self { address: address.to_owned(), process }
    }

    /// Stops the server, and returns what it printed.
    pub(crate) fn stop(mut self) -> String {
        self.process.kill().expect("it runs");
        let mut printed = String::new();
        let stdout = self.process.stdout.as_mut().expect("it is piped");
        stdout.read_to_string(&mut printed).expect("examples print UTF-8");
        printed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
