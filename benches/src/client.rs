//! What a unary call costs a whole client, from its caller to the socket and back: instructions, by
//! callgrind.
//!
//! The client is a process of its own, this program with a word of its own. So is the server, which is
//! bare h2 and is not counted. Bare h2 is also the floor: it sends constant frames, and looks at nothing of
//! the answer but its end.

use std::{
    future::Future,
    process::{Command, ExitCode},
};

use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::Request;
use tokio::{net::TcpStream, runtime::Builder, task::JoinSet};
use tonic::{body::Body, client::GrpcService, transport::Endpoint};
use traitwire::{Channel, TonicChannel, Transport};

use crate::{
    intercept,
    ours::{self, Bench},
    server,
    stock::{self, Number},
    table,
};

/// The word that makes this program a client; its name, an address, and how many calls follow.
pub(crate) const CLIENT: &str = "client-of";

/// The floor, and then each client over its own channel and over that of the other.
const CLIENTS: [&str; 5] = [
    "bare h2",
    "traitwire",
    "stock tonic",
    "traitwire's client over tonic's channel",
    "stock tonic's client over traitwire's channel",
];

const AT_ONCE: [u32; 3] = [1, 16, 100];

/// How many calls, fewer and more: what both have is not counted. Each of them a multiple of all the
/// numbers above.
const CALLS: [u32; 2] = [1_600, 5_600];

/// Prints the table.
pub(crate) fn run() -> ExitCode {
    let mut floors = [None; AT_ONCE.len()];
    let mut rows = Vec::new();
    for name in CLIENTS {
        let mut cells = [(); 1 + AT_ONCE.len()].map(|()| name.to_owned());
        for ((cell, floor), at_once) in cells[1..].iter_mut().zip(&mut floors).zip(AT_ONCE) {
            let Some(each) = each(name, at_once) else {
                eprintln!("client takes valgrind: `apt-get install valgrind`");
                return ExitCode::FAILURE;
            };
            let ratio = each / *floor.get_or_insert(each);
            *cell = format!("{} ({ratio:.2})", table::grouped(each, 0));
        }
        rows.push(cells);
    }
    table::print(
        "A unary call in a client: instructions (of bare h2), so many calls at once on one connection",
        ["", "1", "16", "100"],
        &rows,
    );
    ExitCode::SUCCESS
}

/// The instructions of a call.
pub(crate) fn each(name: &str, at_once: u32) -> Option<f64> {
    let [fewer, more] = CALLS.map(|calls| instructions(name, calls, at_once));
    Some((more? - fewer?) / f64::from(CALLS[1] - CALLS[0]))
}

/// The instructions of a client that makes so many calls.
fn instructions(name: &str, calls: u32, at_once: u32) -> Option<f64> {
    let program = std::env::current_exe().expect("this program");
    let mut server = Command::new(&program);
    let (mut server, addr) =
        server::start(server.args([server::SERVER, "bare h2, in place", "threads"]))?;
    let client = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([CLIENT, name, &addr, &calls.to_string(), &at_once.to_string()])
        .output();
    server.kill().expect("a process of our own");
    server.wait().expect("a process of our own");
    let client = client.ok()?;
    let said = String::from_utf8_lossy(&client.stderr);
    assert!(client.status.success(), "{said}");
    server::collected(&said)
}

/// Makes so many calls, on one thread.
pub(crate) fn client(name: &str, addr: &str, calls: &str, at_once: &str) {
    let [calls, at_once] = [calls, at_once].map(|it| it.parse().expect("a number"));
    let uri = format!("http://{addr}");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let tonic = async {
            let endpoint = Endpoint::from_shared(uri.clone()).expect("a URI");
            endpoint.connect().await.expect("the server listens")
        };
        let ours = async { Channel::connect(&uri).await.expect("the server listens") };
        match name {
            "bare h2" => call(Bare::connect(addr).await, calls, at_once).await,
            "traitwire" => call(ours::BenchClient::new(ours.await), calls, at_once).await,
            "stock tonic" => call(stock::BenchClient::new(tonic.await), calls, at_once).await,
            "traitwire's client over tonic's channel" => {
                let client = ours::BenchClient::new(TonicChannel::from(tonic.await));
                call(client, calls, at_once).await;
            }
            "stock tonic's client over traitwire's channel" => {
                let client = stock::BenchClient::new(ours.await.into_tower());
                call(client, calls, at_once).await;
            }
            other => match other.strip_prefix(server::INTERCEPTED) {
                Some(row) => {
                    let client = ours::BenchClient::new(ours.await).with(intercept::call(row));
                    call(client, calls, at_once).await;
                }
                None => panic!("no client {other}"),
            },
        }
    });
}

async fn call(client: impl Client, calls: u32, at_once: u32) {
    let mut callers = JoinSet::new();
    for _ in 0..at_once {
        let mut client = client.clone();
        callers.spawn(async move {
            for _ in 0..calls / at_once {
                client.call().await;
            }
        });
    }
    callers.join_all().await;
}

trait Client: Clone + Send + 'static {
    /// A call that is answered with [`Number`] 7.
    fn call(&mut self) -> impl Future<Output = ()> + Send;
}

impl<T: Transport> Client for ours::BenchClient<T> {
    async fn call(&mut self) {
        assert_eq!(self.echo(Number { value: 7 }).await.expect("an answer").value, 7);
    }
}

impl<T> Client for stock::BenchClient<T>
where
    T: GrpcService<Body, Future: Send, Error: Send> + Clone + Send + 'static,
    T::ResponseBody: http_body::Body<Data = Bytes, Error: Into<BoxError> + Send> + Send + 'static,
{
    async fn call(&mut self) {
        let answer = self.echo(Number { value: 7 }).await.expect("an answer");
        assert_eq!(answer.into_inner().value, 7);
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// h2, and nothing else.
#[derive(Clone)]
struct Bare {
    sender: Option<SendRequest<Bytes>>,
    request: Request<()>,
}

impl Bare {
    async fn connect(addr: &str) -> Self {
        let socket = TcpStream::connect(addr).await.expect("the server listens");
        socket.set_nodelay(true).expect("a TCP socket");
        let (sender, connection) = client::handshake(socket).await.expect("HTTP/2");
        tokio::spawn(connection);
        let request = Request::post("http://localhost/bench.Bench/Echo")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .expect("valid");
        Self { sender: Some(sender), request }
    }
}

impl Client for Bare {
    async fn call(&mut self) {
        let sender = self.sender.take().expect("one call after the other");
        let mut sender = sender.ready().await.expect("the connection goes on");
        let request = self.request.clone();
        let (answer, mut body) = sender.send_request(request, false).expect("it goes on");
        self.sender = Some(sender);
        body.send_data(Bytes::from_static(&[0, 0, 0, 0, 2, 8, 7]), true).expect("it goes on");
        let mut body = answer.await.expect("an answer").into_body();
        while let Some(data) = body.data().await {
            let length = data.expect("a message").len();
            body.flow_control().release_capacity(length).expect("it was received");
        }
        let trailers = body.trailers().await.expect("an end").expect("trailers");
        assert_eq!(trailers["grpc-status"], "0");
    }
}
