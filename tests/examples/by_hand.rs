//! What a reader does by hand with the options of an example, one end in each process.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Stdio},
};

use crate::program::{Server, example, run};

/// Runs the calling end, which must end well, and returns what it printed.
fn call(name: &str, server: &Server, options: &[&str]) -> String {
    let words = [&["call", &server.address], options].concat();
    let (code, printed, errors) = run(name, &words);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
    printed
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder has a plain name")
}

#[test]
fn a_file_is_uploaded_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (file, store) = (folder.path().join("big.bin"), folder.path().join("store"));
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    fs::write(&file, &bytes).unwrap();

    let server =
        Server::start_with("09_upload", &["serve", "127.0.0.1:0", "--folder", text(&store)]);
    let printed = call("09_upload", &server, &["--file", text(&file)]);
    assert_eq!(printed, "client ← 1000000 bytes are stored, 1000000 of them sent now\n");
    assert!(fs::read(store.join("big.bin")).unwrap() == bytes, "other bytes were stored");

    let printed = call("09_upload", &server, &["--file", text(&file)]);
    assert_eq!(printed, "client ← 1000000 bytes are stored, 0 of them sent now\n");
}

#[test]
fn a_server_with_workers_prints_its_steps() {
    let words = ["serve", "127.0.0.1:0", "--workers", "4", "--steps", "true"];
    let mut server = Server::start_with("19_server_dispatch", &words);
    let printed = call("19_server_dispatch", &server, &[]);
    assert!(printed.contains("unknown method deleteOrder"), "{printed}");
    let steps = server.until(|line| line.starts_with("server [12]"));
    assert!(steps.contains("server [6] dispatch: to a worker"), "{steps}");
}

#[test]
fn a_log_is_saved_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (log, copy) = (folder.path().join("syslog"), folder.path().join("syslog.copy"));
    let lines: String = (1..=30).map(|number| format!("line {number}\n")).collect();
    fs::write(&log, &lines).unwrap();

    let server =
        Server::start_with("10_tail", &["serve", "127.0.0.1:0", "--dir", text(folder.path())]);
    call("10_tail", &server, &["--file", "syslog", "--save", text(&copy)]);
    assert_eq!(fs::read_to_string(copy).unwrap(), lines);

    let mut follower = Endless::start("10_tail", &server, &["--file", "syslog", "--lines", "20"]);
    follower.expect("client → follow syslog");
    for number in 11..=30 {
        follower.expect(&format!("client ← line {number}"));
    }
    fs::OpenOptions::new().append(true).open(&log).unwrap().write_all(b"line 31\n").unwrap();
    follower.expect("client ← line 31");
}

#[test]
fn many_subscribers_miss_nothing_and_those_who_do_not_read_hold_up_nobody() {
    let server = Server::start_with("11_subscribe", &["serve", "127.0.0.1:0", "--keep", "1024"]);
    let load = ["--as", "load", "--subscribers", "100", "--stalled", "100", "--events", "1000"];
    let printed = call("11_subscribe", &server, &load);
    assert!(printed.starts_with("client: 100 subscribers read, 100 do not\n"), "{printed}");
    assert!(printed.contains("client: 0 of 100000 missed\n"), "{printed}");
}

#[test]
fn each_line_is_an_event_for_every_subscriber() {
    let server = Server::start("11_subscribe");
    let mut subscriber = Endless::start("11_subscribe", &server, &["--as", "subscriber"]);
    let mut publisher = Endless::start("11_subscribe", &server, &["--as", "publisher"]);
    for (number, text) in ["hello", "and \x1b[2J no more"].into_iter().enumerate() {
        publisher.write(&format!("{text}\n"));
        publisher.expect(&format!("client → event {number}"));
    }
    subscriber.expect("client ← event 0: hello");
    subscriber.expect("client ← event 1: and \\u{1b}[2J no more");
}

#[test]
fn what_is_piped_into_the_chat_is_heard_by_the_others() {
    let server = Server::start("12_chat");
    let mut ada = Endless::start("12_chat", &server, &["--name", "Ada"]);
    ada.expect("* here: Ada");

    let mut bob = Endless::start("12_chat", &server, &["--name", "Bob"]);
    bob.expect("* here: Ada, Bob");
    ada.expect("* Bob joined");
    bob.write("hello\n");
    ada.expect("Bob: hello");
    bob.close();
    ada.expect("* Bob left");
}

/// A calling end that goes on until it is told, or killed.
struct Endless {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Endless {
    fn start(name: &str, server: &Server, options: &[&str]) -> Self {
        let mut command = example(name);
        command.args(["call", &server.address]).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the example starts");
        let lines = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { process, lines }
    }

    /// Waits for the next line that it prints.
    fn expect(&mut self, expected: &str) {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("examples print UTF-8");
        assert_eq!(line.trim_end(), expected);
    }

    fn write(&mut self, text: &str) {
        let input = self.process.stdin.as_mut().expect("it is open");
        input.write_all(text.as_bytes()).expect("it is read");
    }

    fn close(&mut self) {
        self.process.stdin = None;
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
