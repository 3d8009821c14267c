//! The two binaries, as scripts for other implementations start them.

use std::process::{Output, Stdio};

use interop::cases::CASES;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A server on a free port, and the port. It ends with the child.
async fn serve() -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_interop-server"));
    server.args(["--port=0", "--use_tls=false"]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = server.spawn().expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("it is piped")).lines();
    let line = lines.next_line().await.unwrap().expect("the server says where it listens");
    let (_, port) = line.rsplit_once(':').expect("an address");
    (server, port.to_owned())
}

async fn call(flags: &[&str]) -> Output {
    let mut client = Command::new(env!("CARGO_BIN_EXE_interop-client"));
    client.args(["--server_host", "127.0.0.1"]).args(flags).output().await.unwrap()
}

/// The exit code, and what it says.
fn ended(output: &Output) -> (Option<i32>, &str) {
    (output.status.code(), std::str::from_utf8(&output.stderr).unwrap())
}

#[tokio::test]
async fn every_case_passes_with_the_binaries() {
    let (_server, port) = serve().await;
    let patient = [
        "--soak_per_iteration_max_acceptable_latency_ms=20000",
        "--soak_overall_timeout_seconds=60",
    ];
    for case in CASES {
        let flags = ["--server_port", &port, "--test_case", case, "--use_tls=false"];
        let output = call(&[&flags[..], &patient].concat()).await;
        assert_eq!(ended(&output), (Some(0), ""), "{case}");
    }
}

#[tokio::test]
async fn a_case_that_fails_ends_with_a_line_and_the_exit_code_1() {
    let (_server, port) = serve().await;
    let flags = ["--test_case=rpc_soak", "--soak_iterations=2", "--soak_request_size=5000000"];
    let output = call(&[&flags[..], &["--server_port", &port]].concat()).await;
    let (code, said) = ended(&output);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("rpc_soak: 2 of 2 calls failed; the last: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test]
async fn a_wrong_command_line_ends_with_a_line_and_the_exit_code_2() {
    for (flag, expected) in [
        ("--test_case=large", "--test_case cannot be \"large\"; it can be all, empty_unary, "),
        ("--server_port=http", "--server_port cannot be \"http\""),
        ("--use_tls=true", "--use_tls=true: this program has no TLS"),
        ("--soak=1", "there is no --soak; there is --server_host, "),
    ] {
        let output = call(&[flag]).await;
        let (code, said) = ended(&output);
        assert_eq!(code, Some(2), "{flag}");
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
