//! Peers in other languages, on gRPC stacks of their own, where they are installed.
//!
//! `tests/peers/install.sh` installs them. Each is one program, which serves and calls
//! `proof.v1.Echo` as [`Parrot`] does.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use traitwire::{CallOptions, Code, Compression::Gzip, Request, ServiceOptions, StreamExt};
use traitwire_tests::{peer, serve, serve_dispatch};

use crate::{
    contract::{ECHO, Echo, EchoClient, EchoServer, Note, Parrot, note, notes},
    pairs::every_scenario,
};

/// A program that knows `serve` and `call ADDRESS`.
struct Peer {
    program: PathBuf,
    script: PathBuf,
}

impl Peer {
    /// The peer on grpcio, which is the C core.
    fn python() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python/echo.py");
        Some(Self { program: peer("python", "python/bin/python")?, script })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(&self.script).args(arguments).kill_on_drop(true);
        command
    }

    /// Starts a server; it ends with the child.
    async fn serve(&self) -> (Child, SocketAddr) {
        let mut command = self.command(&["serve"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the peer starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = within_a_minute(lines.next_line()).await.unwrap();
        let addr = line.expect("the peer tells its address").parse().expect("an address");
        (child, addr)
    }

    async fn call(&self, addr: SocketAddr) -> Output {
        within_a_minute(self.command(&["call", &addr.to_string()]).output()).await.unwrap()
    }

    /// Has the peer call a server, with every check that it has.
    async fn check(&self, addr: SocketAddr) {
        let output = self.call(addr).await;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        let checks = [
            "shapes",
            "empty_streams",
            "turn_by_turn",
            "errors",
            "metadata",
            "deadlines",
            "gzip",
            "cancellation",
            "unknown",
        ];
        assert!(out.lines().eq(checks), "{out}");
    }

    /// Calls the peer's server, with every scenario that there is.
    async fn be_called(&self) {
        let (_child, addr) = self.serve().await;
        let echo = EchoClient::connect(format!("http://{addr}")).await.unwrap();
        every_scenario(echo.clone()).await;
        deadlines(&echo).await;
        gzip(echo).await;
    }

    /// The control of the controls: where nobody listens, a check fails.
    async fn miss(&self) {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let output = self.call(closed).await;
        assert!(!output.status.success(), "{}", text(&output.stdout));
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn within_a_minute<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("the peer answers")
}

async fn deadlines(echo: &EchoClient) {
    let echo = echo.with(CallOptions::new().timeout(Duration::from_millis(50)));
    let said = echo.say(Request::new(note("wait", 0))).await.unwrap_err();
    assert_eq!(said.code(), Code::DeadlineExceeded);
    let joined = echo.join(Request::new(notes(["wait"]))).await.unwrap_err();
    assert_eq!(joined.code(), Code::DeadlineExceeded);
    let status = match echo.repeat(Request::new(note("wait", 0))).await {
        Ok(answer) => answer.into_inner().next().await.expect("an error").unwrap_err(),
        Err(status) => status,
    };
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

async fn gzip(echo: EchoClient) {
    let echo = echo.with(CallOptions::new().send_compressed(Gzip).accept_compressed(Gzip));
    let long = Note { payload: vec![7; 100_000], ..note("long", 0) };
    assert_eq!(echo.say(Request::new(long.clone())).await.unwrap().into_inner(), long);
}

/// Our server, with all that the peers' checks ask for.
fn parrot() -> EchoServer<Parrot> {
    let options = ServiceOptions::new().accept_compressed(Gzip).send_compressed(Gzip);
    EchoServer::new(Parrot).with(options)
}

#[tokio::test]
async fn python_calls_our_server() {
    let Some(python) = Peer::python() else { return };
    let server = serve(parrot()).await;
    python.check(server.addr).await;
}

#[tokio::test]
async fn python_calls_the_server_of_example_19() {
    let Some(python) = Peer::python() else { return };
    let server = server_dispatch::Server::new().num_stream_workers(1);
    // It unpacks gzip itself, and answers in it.
    let server = server.register_service(&ECHO, EchoServer::new(Parrot));
    python.check(serve_dispatch(server).await.addr).await;
}

#[tokio::test]
async fn our_client_calls_python() {
    let Some(python) = Peer::python() else { return };
    python.be_called().await;
}

/// The control: its client and its server agree with each other.
#[tokio::test]
async fn python_calls_python() {
    let Some(python) = Peer::python() else { return };
    let (_child, addr) = python.serve().await;
    python.check(addr).await;
}

#[tokio::test]
async fn python_fails_at_a_closed_port() {
    let Some(python) = Peer::python() else { return };
    python.miss().await;
}
