//! What a unary call costs a whole server, from the socket to the socket: instructions, by callgrind.
//!
//! The server is a process of its own, this program with a word of its own. Bare h2 is
//! the floor: it takes the frames and answers with constant ones, and knows nothing of gRPC.

use std::{
    future::poll_fn,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    task::Poll,
};

use bytes::Bytes;
use h2::{
    RecvStream,
    client::{self, SendRequest},
    server::{self, SendResponse},
};
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::{
    io::{AsyncReadExt, stdin},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    task::JoinSet,
};
use traitwire::{Placement, ServiceOptions};

use crate::{
    intercept,
    rounds::Spread,
    serve,
    stock::{self, Stock},
    table,
};

/// The word that makes this program a server; the name of the server follows.
pub(crate) const SERVER: &str = "server-of";

/// What begins the name of a server, or of a client, with interceptors.
pub(crate) const INTERCEPTED: &str = "intercepted by ";

/// The word that gives it one thread, so that its instructions can be counted.
const ONE: &str = "one-thread";

/// The word that makes it a client: an address and so many calls follow.
pub(crate) const CALLER: &str = "caller-of";

/// A server, and what its instructions are compared with.
const SERVERS: [(&str, &str); 6] = [
    ("bare h2, a task a call", ""),
    ("traitwire, a task a call", "bare h2, a task a call"),
    ("stock tonic", "bare h2, a task a call"),
    ("bare h2, in place", ""),
    ("traitwire, in place", "bare h2, in place"),
    ("traitwire, as it is", "bare h2, a task a call"),
];

/// How many calls, fewer and more: what both have is not counted.
const CALLS: [u32; 2] = [1_000, 5_000];
const AT_ONCE: u32 = 100;

/// Prints the table.
pub(crate) fn run() -> ExitCode {
    let mut rows: Vec<(&str, f64)> = Vec::new();
    let mut cells = Vec::new();
    for (name, floor) in SERVERS {
        let Some(each) = each(name) else {
            eprintln!("server takes valgrind: `apt-get install valgrind`");
            return ExitCode::FAILURE;
        };
        let floor = rows.iter().find(|row| row.0 == floor).map_or(each, |row| row.1);
        rows.push((name, each));
        let ratio = format!("{:.2}", each / floor);
        cells.push([name.to_owned(), table::grouped(each, 0), ratio]);
    }
    table::print(
        &format!("A unary call in a server: instructions, {AT_ONCE} at once on one connection"),
        ["", "instructions", "of bare h2"],
        &cells,
    );
    ExitCode::SUCCESS
}

/// The instructions of a call.
pub(crate) fn each(name: &str) -> Option<f64> {
    let [fewer, more] = CALLS.map(|calls| instructions(name, calls));
    Some((more? - fewer?) / f64::from(CALLS[1] - CALLS[0]))
}

/// Connections, and calls at once on each, of a round of h2load, and how many calls.
const LOADS: [(u32, u32, u32); 3] = [(10, 100, 100_000), (50, 10, 100_000), (1, 1, 10_000)];
const LOAD_ROUNDS: usize = 5;

/// Prints calls a second, and processor time a call, under h2load.
pub(crate) fn load() -> ExitCode {
    let message = std::env::temp_dir().join(format!("traitwire-bench-{}", std::process::id()));
    std::fs::write(&message, [0, 0, 0, 0, 2, 8, 7]).expect("a temporary file");
    for (connections, streams, calls) in LOADS {
        let mut figures = vec![(Vec::new(), Vec::new()); SERVERS.len()];
        for _ in 0..LOAD_ROUNDS {
            for ((name, _), (rates, times)) in SERVERS.iter().zip(&mut figures) {
                let load = [connections, streams, calls];
                let Some((rate, time)) = loaded(name, load, &message) else {
                    eprintln!("load takes Linux and h2load: `apt-get install nghttp2-client`");
                    return ExitCode::FAILURE;
                };
                rates.push(rate);
                times.push(time);
            }
        }
        let floor = Spread::of(figures[0].1.clone()).median;
        let rows = SERVERS.iter().zip(&figures).map(|((name, _), (rates, times))| {
            let (rate, time) = (Spread::of(rates.clone()).median, Spread::of(times.clone()).median);
            let [rate, micros] = [table::grouped(rate, 0), table::grouped(time, 1)];
            [(*name).to_owned(), rate, micros, format!("{:.2}", time / floor)]
        });
        table::print(
            &format!("{connections} connections, {streams} calls at once on each"),
            ["", "calls/s", "µs of processor a call", "of bare h2"],
            &rows.collect::<Vec<_>>(),
        );
    }
    let _ = std::fs::remove_file(message);
    ExitCode::SUCCESS
}

/// Calls a second, and microseconds of processor time a call of the server.
fn loaded(name: &str, load: [u32; 3], message: &Path) -> Option<(f64, f64)> {
    let program = std::env::current_exe().expect("this program");
    let (mut server, addr) = start(Command::new(program).args([SERVER, name, "threads"]))?;
    let [connections, streams, calls] = load.map(|it| it.to_string());
    let output = Command::new("h2load")
        .args(["-c", &connections, "-m", &streams, "-n", &calls, "-d"])
        .arg(message)
        .args(["-H", "content-type: application/grpc", "-H", "te: trailers"])
        .arg(format!("http://{addr}/bench.Bench/Echo"))
        .output();
    let time = processor_time(server.id());
    server.kill().expect("a process of our own");
    server.wait().expect("a process of our own");
    let said = String::from_utf8_lossy(&output.ok()?.stdout).into_owned();
    assert!(said.contains(&format!("{calls} succeeded")), "{said}");
    let (before, _) = said.split_once(" req/s")?;
    let rate = before.rsplit(' ').next()?.parse().ok()?;
    Some((rate, time? / f64::from(load[2]) * 1e6))
}

/// The seconds that a process has computed.
fn processor_time(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name in brackets; the times are the 14th and the 15th, in hundredths.
    let (_, rest) = stat.rsplit_once(") ")?;
    let times = rest.split(' ').skip(11).take(2);
    times.map(|it| it.parse::<f64>().ok()).sum::<Option<f64>>().map(|it| it / 100.0)
}

/// The instructions of a server that so many calls are made to.
fn instructions(name: &str, calls: u32) -> Option<f64> {
    let program = std::env::current_exe().expect("this program");
    let mut server = Command::new("valgrind");
    server
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(&program)
        .args([SERVER, name, ONE])
        .stderr(Stdio::piped());
    let (mut server, addr) = start(&mut server)?;
    let caller = Command::new(program).args([CALLER, &addr, &calls.to_string()]).status();
    assert!(caller.is_ok_and(|it| it.success()), "the calls are answered");
    // It ends with its input.
    drop(server.stdin.take());
    let output = server.wait_with_output().expect("a process of our own");
    collected(&String::from_utf8_lossy(&output.stderr))
}

/// The instructions that callgrind has counted, as it says at its end.
pub(crate) fn collected(said: &str) -> Option<f64> {
    let (_, collected) = said.split_once("Collected : ")?;
    collected.split_whitespace().next()?.parse().ok()
}

/// Starts a server, which ends with its input, and says where it listens.
pub(crate) fn start(server: &mut Command) -> Option<(Child, String)> {
    let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut addr = String::new();
    let stdout = server.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut addr).expect("an address");
    Some((server, addr.trim().to_owned()))
}

/// Serves until the input ends, on one thread or as users do.
pub(crate) fn server(name: &str, threads: &str) {
    let mut runtime = match threads {
        ONE => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let addr = match name {
            "traitwire, a task a call" => ours(Placement::Task).await,
            "traitwire, in place" => ours(Placement::Connection).await,
            "traitwire, as it is" => ours(Placement::Measured).await,
            "stock tonic" => {
                serve::stock(stock::BenchServer::new(Stock { channel: 128 }), 200).await
            }
            "bare h2, a task a call" => bare(false).await,
            "bare h2, in place" => bare(true).await,
            other => match other.strip_prefix(INTERCEPTED) {
                Some(row) => serve::ours_with(intercept::service(row), 200).await,
                None => panic!("no server {other}"),
            },
        };
        println!("{addr}");
        let _ = stdin().read(&mut [0]).await;
    });
}

async fn ours(placement: Placement) -> SocketAddr {
    let options = ServiceOptions::new().placement(placement);
    serve::ours_with(options, 200).await
}

/// h2, and nothing else.
async fn bare(in_place: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            socket.set_nodelay(true).expect("a TCP socket");
            tokio::spawn(connection(socket, in_place));
        }
    });
    addr
}

async fn connection(socket: TcpStream, in_place: bool) {
    let mut connection = server::Builder::new()
        .initial_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .handshake::<_, Bytes>(socket)
        .await
        .expect("a client of ours");
    while let Some(Ok((request, answer))) = connection.accept().await {
        let call = respond(request, answer);
        if !in_place {
            tokio::spawn(call);
            continue;
        }
        let mut call = Box::pin(call);
        let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        if polled.is_pending() {
            tokio::spawn(call);
        }
    }
}

async fn respond(request: Request<RecvStream>, mut answer: SendResponse<Bytes>) {
    let mut body = request.into_body();
    while let Some(Ok(data)) = body.data().await {
        let _ = body.flow_control().release_capacity(data.len());
    }
    let grpc = HeaderValue::from_static("application/grpc");
    let response = Response::builder().header("content-type", grpc).body(()).expect("valid");
    let Ok(mut stream) = answer.send_response(response, false) else { return };
    let _ = stream.send_data(Bytes::from_static(&[0, 0, 0, 0, 2, 8, 7]), false);
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let _ = stream.send_trailers(trailers);
}

/// Makes so many calls, by h2 alone.
pub(crate) fn caller(addr: &str, calls: &str) {
    let calls: u32 = calls.parse().expect("a number of calls");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let socket = TcpStream::connect(addr).await.expect("the server listens");
        socket.set_nodelay(true).expect("a TCP socket");
        let (sender, connection) = client::handshake(socket).await.expect("HTTP/2");
        tokio::spawn(connection);
        let mut callers = JoinSet::new();
        for _ in 0..AT_ONCE {
            callers.spawn(call_often(sender.clone(), calls / AT_ONCE));
        }
        callers.join_all().await;
    });
}

async fn call_often(mut sender: SendRequest<Bytes>, calls: u32) {
    for _ in 0..calls {
        sender = sender.ready().await.expect("the connection goes on");
        let request = Request::post("http://localhost/bench.Bench/Echo")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .expect("valid");
        let (answer, mut body) = sender.send_request(request, false).expect("it goes on");
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
