//! grpc-go's own interop programs, where `tests/peers/install.sh` has installed them.

use std::{net::TcpListener, path::PathBuf, time::Duration};

use interop::{
    cases::{CASES, Ours, Outcome, Stack, Stock},
    service, stock,
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};
use traitwire_tests::{peers, serve, skipped};

use crate::outcome_at;

/// What Go's client has.
const OF_THE_CLIENT: [&str; 15] = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "pick_first_unary",
];

/// What Go's server, of grpc-go 1.33, does not do.
const NOT_OF_THE_SERVER: [(&str, &str); 5] = [
    ("client_compressed_unary", "it takes no gzip"),
    ("client_compressed_streaming", "it takes no gzip"),
    ("server_compressed_unary", "it compresses nothing"),
    ("server_compressed_streaming", "it compresses nothing"),
    ("pick_first_unary", "it does not say who it is"),
];

/// What Go's client fails now and then on a busy machine, with Go's server too: a deadline of 1 ms,
/// and a call that it closes in good order before its own cancellation takes effect.
const MAY_BE_RETRIED: [&str; 2] = ["timeout_on_sleeping_server", "cancel_after_begin"];

/// Where nothing answers for so long, nothing will.
const PATIENCE: Duration = Duration::from_secs(60);

fn program(name: &str) -> Option<PathBuf> {
    let program = peers().join("go/bin").join(name);
    if program.exists() {
        return Some(program);
    }
    skipped(&format!("no interop {name} of grpc-go; see tests/peers/install.sh"));
    None
}

/// Starts Go's server; it ends with the child.
pub(crate) async fn go_server() -> Option<(Child, u16)> {
    let program = program("server")?;
    let started = timeout(PATIENCE, async {
        loop {
            // It cannot say which port it took, so it gets one that was free a moment ago.
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new(&program);
            let command = command.arg(format!("--port={free}")).kill_on_drop(true);
            let mut server = command.spawn().expect("Go's server starts");
            // Nor does it say when it listens.
            while server.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", free)).await.is_ok() {
                    return (server, free);
                }
                sleep(Duration::from_millis(5)).await;
            }
        }
    });
    Some(started.await.expect("Go's server listens"))
}

/// Runs a case with Go's client.
async fn go_client(port: u16, case: &str) -> Outcome {
    let mut client = Command::new(peers().join("go/bin/client"));
    client.arg("--server_host=127.0.0.1").arg(format!("--server_port={port}"));
    client.arg(format!("--test_case={case}")).kill_on_drop(true);
    let output = timeout(PATIENCE, client.output()).await;
    let output = output.map_err(|_| "Go's client does not end".to_owned())?.unwrap();
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // It prints whole messages.
    Err(said.lines().last().unwrap_or("Go's client says nothing").chars().take(200).collect())
}

/// Runs cases one after the other; all that fail are named.
async fn every(cases: impl IntoIterator<Item = &'static str>, run: impl AsyncFn(&str) -> Outcome) {
    let mut failed = Vec::new();
    for case in cases {
        failed.extend(run(case).await.err().map(|reason| format!("{case}: {reason}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn go_calls(port: u16, cases: impl IntoIterator<Item = &'static str>) {
    every(cases, async |case| match go_client(port, case).await {
        Err(_) if MAY_BE_RETRIED.contains(&case) => go_client(port, case).await,
        outcome => outcome,
    })
    .await;
}

fn say_what_go_does_not_call() {
    for case in CASES.iter().filter(|case| !OF_THE_CLIENT.contains(case)) {
        skipped(&format!("{case}: Go's client does not have it"));
    }
}

async fn calls_go<S: Stack>(port: u16, but: &[&str]) {
    let lacks = |case: &str| NOT_OF_THE_SERVER.iter().find(|(lacks, _)| *lacks == case);
    let cases = CASES.iter().copied().filter(|case| lacks(case).is_none() && !but.contains(case));
    let uri = format!("http://127.0.0.1:{port}");
    every(cases, async |case| outcome_at::<S>(&uri, case).await).await;
    for (case, why) in NOT_OF_THE_SERVER {
        skipped(&format!("{case}: not with Go's server: {why}"));
    }
}

#[tokio::test]
async fn go_calls_ours() {
    if program("client").is_none() {
        return;
    }
    let server = serve(service::server()).await;
    go_calls(server.addr.port(), OF_THE_CLIENT).await;
    say_what_go_does_not_call();
}

#[tokio::test]
async fn go_calls_the_server_of_example_19() {
    if program("client").is_none() {
        return;
    }
    let server = crate::dispatch::server(2).await;
    go_calls(server.addr.port(), OF_THE_CLIENT).await;
}

#[tokio::test]
async fn ours_calls_go() {
    let Some((_server, port)) = go_server().await else { return };
    calls_go::<Ours>(port, &[]).await;
}

#[tokio::test]
async fn go_calls_stock() {
    if program("client").is_none() {
        return;
    }
    let server = serve(stock::server()).await;
    go_calls(server.addr.port(), OF_THE_CLIENT).await;
    say_what_go_does_not_call();
}

/// Stock's own timer says CANCELLED, if it is faster than Go's.
#[tokio::test]
async fn stock_calls_go() {
    let Some((_server, port)) = go_server().await else { return };
    calls_go::<Stock>(port, &["timeout_on_sleeping_server"]).await;
}

/// The control: its client and its server agree with each other.
#[tokio::test]
async fn go_calls_go() {
    if program("client").is_none() {
        return;
    }
    let Some((_server, port)) = go_server().await else { return };
    let cases = OF_THE_CLIENT.into_iter().filter(|case| *case != "pick_first_unary");
    go_calls(port, cases).await;
}

/// The control of the controls. Go's client waits for a connection without end, so a server of
/// nothing stands for the closed port.
#[tokio::test]
async fn go_fails_with_a_server_of_nothing() {
    if program("client").is_none() {
        return;
    }
    let server = serve(crate::controls::nothing()).await;
    for case in ["empty_unary", "ping_pong", "custom_metadata"] {
        assert_ne!(go_client(server.addr.port(), case).await, Ok(()), "{case}");
    }
}
