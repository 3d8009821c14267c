//! What passes on the wire when the examples talk: the proxy of example 17 stands between the two
//! ends of each, and says a line for a frame.
//!
//! A trace is compared where each of its lines has one place. Left out are example 11, whose hub has
//! another number every time, and calls that are too fast for their reader: how many of their
//! messages share a frame is a matter of luck.

use std::{fs, net::TcpStream};

use crate::{
    outputs::{assert_output, in_accepted_order, only},
    program::{Server, run},
};

/// How the lines of a trace are put in order.
type Arrange = fn(&str) -> String;

fn assert_trace(name: &str, serve: &[&str], call: &[&str], arrange: Arrange) {
    let trace = arrange(&trace(name, serve, call));
    assert_output(&format!("traces/{name}"), &trace);
}

/// The lines of the first connection, from the start of the client to its end.
fn trace(name: &str, serve: &[&str], call: &[&str]) -> String {
    let (_, proto, _) = run(name, &["proto"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("contract.proto");
    fs::write(&file, proto).expect("it can be written");
    let file = file.to_str().expect("a name is text");

    let server = Server::start_with(name, &[&["serve", "127.0.0.1:0"], serve].concat());
    let proxy = ["proxy", "127.0.0.1:0", &server.address, "--proto", file, "--compact"];
    let mut proxy = Server::start_with("17_on_the_wire", &proxy);
    // How it ends is for `outputs` to say.
    run(name, &[&["call", &proxy.address], call].concat());

    // Connections are taken one after the other: behind this one there is nothing new to come.
    drop(TcpStream::connect(&proxy.address).expect("the proxy listens"));
    let (mut opened, mut closed) = (0, 0);
    let printed = proxy.until(|line| {
        let (_, what) = line.trim_end().split_once(": ").expect("lines are numbered");
        opened += usize::from(what == "opened");
        closed += usize::from(what.starts_with("closed"));
        (opened, closed) == (2, 2)
    });
    let lines = printed.lines().filter_map(|line| line.strip_prefix("1: client "));
    lines.fold(String::new(), |text, line| text + "client " + line + "\n")
}

fn as_passed(trace: &str) -> String {
    trace.to_owned()
}

/// Those of the client, and then those of the server: between the two there is no order.
fn by_direction(trace: &str) -> String {
    only(trace, "→") + &only(trace, "←")
}

/// The first two turns, and the last: a line of the client, and one of the server, which is the
/// answer to it. Between them a machine that is busy may let two answers share a frame.
fn by_turns(trace: &str) -> String {
    let (client, server) = (only(trace, "→"), only(trace, "←"));
    let turns: Vec<_> = client.lines().zip(server.lines()).take(3).collect();
    let last = client.lines().last().zip(server.lines().last());
    let turns = turns.into_iter().chain(last);
    turns.fold(String::new(), |text, (client, server)| text + client + "\n" + server + "\n")
}

/// The first call. The others are cut short by one side or the other, sooner or later.
fn first_call(trace: &str) -> String {
    only(trace, " stream 1 ")
}

/// Three calls, one after the other. The second sends orders without an end, and how many of them leave before
/// their client knows the answer is a matter of luck: they are one line here.
fn update_after_update(trace: &str) -> String {
    let endless = "client → DATA         stream 3 ";
    let mut whole = String::new();
    for line in trace.lines() {
        if !line.starts_with(endless) {
            whole += &format!("{line}\n");
        } else if !whole.contains(endless) {
            whole += &format!("{line}\n{endless}             orders without an end\n");
        }
    }
    let calls = [" stream 1 ", " stream 3 ", " stream 5 "];
    let pairs = [
        ("← HEADERS      stream 1   END_STREAM", "→ HEADERS      stream 3"),
        ("← HEADERS      stream 3   END_STREAM", "→ HEADERS      stream 5"),
    ];
    in_accepted_order("traces/07_update_orders", &whole, &calls, &pairs)
}

/// Two directions that do not wait for each other. Ids that are ready together share a frame: here each has a
/// line.
fn ids_and_shipments(trace: &str) -> String {
    let id = "client → DATA         stream 1              value";
    let trace = trace.replace(" | value", &format!("\n{id}"));
    let pairs = [
        ("→ HEADERS", "← HEADERS"),
        ("\"104\"", "cmb - Mountain View"),
        ("→ DATA         stream 1   END_STREAM", "cmb - San Jose"),
    ];
    in_accepted_order("traces/08_process_orders", &trace, &["→", "←"], &pairs)
}

#[test]
fn example_01_is_a_call_and_a_call_that_is_refused() {
    assert_trace("01_order_service", &[], &[], as_passed);
}

#[test]
fn example_02_has_all_its_answers_in_one_frame() {
    assert_trace("02_pow", &[], &[], as_passed);
}

#[test]
fn example_03_has_all_its_questions_in_one_frame() {
    assert_trace("03_sum", &[], &[], as_passed);
}

#[test]
fn example_04_is_question_and_answer_by_turns() {
    assert_trace("04_sqrt", &[], &["--pause", "500"], by_turns);
}

#[test]
fn example_05_is_an_order_and_two_errors() {
    assert_trace("05_get_order", &[], &[], as_passed);
}

#[test]
fn example_06_finds_orders() {
    assert_trace("06_search_orders", &[], &[], first_call);
}

#[test]
fn example_07_updates_orders() {
    assert_trace("07_update_orders", &[], &[], update_after_update);
}

#[test]
fn example_08_has_two_directions() {
    assert_trace("08_process_orders", &[], &["--pause", "500"], ids_and_shipments);
}

#[test]
fn example_09_asks_what_is_there_already() {
    let (files, uploads) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = files.path().join("notes.txt");
    fs::write(&file, "remember the milk").unwrap();
    let serve = ["--folder", uploads.path().to_str().unwrap()];
    assert_trace("09_upload", &serve, &["--file", file.to_str().unwrap()], first_call);
}

#[test]
fn example_10_downloads_a_log() {
    let (logs, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(logs.path().join("app.log"), "started\nlistening\n").unwrap();
    let copy = copies.path().join("app.copy");
    let call = ["--file", "app.log", "--save", copy.to_str().unwrap()];
    assert_trace("10_tail", &["--dir", logs.path().to_str().unwrap()], &call, as_passed);
}

#[test]
fn example_12_joins_a_room_and_leaves_it() {
    assert_trace("12_chat", &[], &["--name", "Ada"], by_direction);
}
