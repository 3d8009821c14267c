//! The built examples as programs.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

/// The built example.
pub(crate) fn example(name: &str) -> Command {
    let path = BUILT.join(name);
    assert!(path.exists(), "there is no example {name}");
    Command::new(path)
}

/// Where the examples are, which are built when the first one is asked for. `cargo test` builds
/// those that have tests of their own as tests, and not as programs.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let target = profile.parent().expect("target/<profile>");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace", "--examples", "--target-dir"]).arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo starts");
    assert!(status.success(), "the examples do not build");
    profile.join("examples")
});

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
            .split_once(": listening on ")
            .and_then(|(_, rest)| rest.split(',').next())
            .unwrap_or_else(|| panic!("not where it listens: {line:?}"));
        Self { address: address.to_owned(), process }
    }

    /// What it prints, up to a line that is the last.
    pub(crate) fn until(&mut self, mut is_last: impl FnMut(&str) -> bool) -> String {
        let stdout = self.process.stdout.as_mut().expect("it is piped");
        let mut stdout = BufReader::with_capacity(1, stdout);
        let mut printed = String::new();
        loop {
            let start = printed.len();
            let read = stdout.read_line(&mut printed).expect("examples print UTF-8");
            assert!(read > 0, "it has ended: {printed}");
            if is_last(&printed[start..]) {
                break;
            }
        }
        printed
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
