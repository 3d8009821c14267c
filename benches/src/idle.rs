//! Memory of a server per idle bidirectional stream, and of a client.
//!
//! The server is a process of its own, this program with a word of its own, so that nothing else is
//! in the figures. It answers each line on its input with its resident memory. The client that is measured
//! is another one.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
};

use tokio::{runtime::Runtime, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming, transport::Channel};

use crate::{
    ours::{self, Bench},
    rounds::Spread,
    serve,
    stock::{self, Number, Stock},
    table,
};

/// The word that makes this program a server; the name of the server follows.
pub(crate) const SERVER: &str = "idle-server";

/// The word that makes it a client, which prints its figures; its name and an address follow.
pub(crate) const CLIENT: &str = "idle-client";

const NAMES: [&str; 2] = ["traitwire", "stock tonic"];
const RUNS: usize = 5;
const STREAMS: u32 = 10_000;
const CONNECTIONS: u32 = 10;
/// So many that what one takes is seen.
const CLIENT_CONNECTIONS: u32 = 100;

/// Where Linux says how much memory of this process is resident, to the page.
const MEMORY: &str = "/proc/self/smaps_rollup";

/// Prints the table.
pub(crate) fn run() -> ExitCode {
    if resident().is_none() {
        eprintln!("idle reads {MEMORY}, which only Linux has");
        return ExitCode::FAILURE;
    }
    let runtime = Runtime::new().expect("a runtime");
    let mut figures: [[Vec<f64>; 2]; 2] = Default::default();
    for _ in 0..RUNS {
        for (name, figures) in NAMES.iter().zip(&mut figures) {
            let measured = runtime.block_on(measure(name)).expect("the calls succeed");
            figures.iter_mut().zip(measured).for_each(|(figures, it)| figures.push(it));
        }
    }
    let medians = figures.map(|it| it.map(|figures| Spread::of(figures).median));
    let row = |name: &str, cells: [f64; 2], decimals| {
        let [opened, used] = cells.map(|it| table::grouped(it, decimals));
        [name.to_owned(), opened, used]
    };
    let [ours, stock] = medians;
    table::print(
        &format!(
            "Resident memory of a server: bytes per idle bidirectional stream, {STREAMS} streams \
             over {CONNECTIONS} connections, median of {RUNS} runs"
        ),
        ["", "opened", "after a message each way"],
        &[
            row(NAMES[0], ours, 0),
            row(NAMES[1], stock, 0),
            row("traitwire / stock", [ours[0] / stock[0], ours[1] / stock[1]], 2),
        ],
    );
    clients();
    ExitCode::SUCCESS
}

/// Prints the table of the clients.
fn clients() {
    let mut figures: [[Vec<f64>; 2]; 2] = Default::default();
    for _ in 0..RUNS {
        for (name, figures) in NAMES.iter().zip(&mut figures) {
            let server = Server::start(NAMES[0]);
            let client = Command::new(std::env::current_exe().expect("this program"))
                .args([CLIENT, name, &server.addr])
                .output()
                .expect("this program starts again");
            let said = String::from_utf8_lossy(&client.stdout);
            let measured = said.split_whitespace().map(|it| it.parse().expect("a figure"));
            figures.iter_mut().zip(measured).for_each(|(figures, it): (_, f64)| figures.push(it));
        }
    }
    let [ours, stock] = figures.map(|it| it.map(|figures| Spread::of(figures).median));
    let row = |name: &str, cells: [f64; 2], decimals| {
        let [connection, stream] = cells.map(|it| table::grouped(it, decimals));
        [name.to_owned(), connection, stream]
    };
    table::print(
        &format!(
            "Resident memory of a client: bytes per connection, of {CLIENT_CONNECTIONS}, after a call, \
             and per idle bidirectional stream, of {STREAMS} over them, median of {RUNS} runs"
        ),
        ["", "a connection", "a stream, after a message each way"],
        &[
            row(NAMES[0], ours, 0),
            row(NAMES[1], stock, 0),
            row("traitwire / stock", [ours[0] / stock[0], ours[1] / stock[1]], 2),
        ],
    );
}

/// What the process of the client does.
pub(crate) fn client(name: &str, addr: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let uri = format!("http://{addr}");
    let measured = match name == NAMES[0] {
        true => runtime.block_on(our_client(&uri)),
        false => runtime.block_on(stock_client(&uri)),
    };
    let [connection, stream] = measured.expect("the calls succeed");
    println!("{connection} {stream}");
}

/// Bytes per connection, and per stream.
async fn our_client(uri: &str) -> Result<[f64; 2], Status> {
    // What is made once is not the connection's.
    let first = ours::BenchClient::connect(uri).await?;
    first.echo(Number { value: 0 }).await?;
    let mut clients = Vec::with_capacity(CLIENT_CONNECTIONS as usize);
    let mut streams = Vec::with_capacity(STREAMS as usize);
    let before = memory();
    for _ in 0..CLIENT_CONNECTIONS {
        let client = ours::BenchClient::connect(uri).await?;
        client.echo(Number { value: 0 }).await?;
        clients.push(client);
    }
    let connected = memory();
    for _ in 0..STREAMS / CLIENT_CONNECTIONS {
        for client in &clients {
            let (mut sender, numbers) = traitwire::Streaming::channel(1);
            let mut doubled = client.double(numbers);
            sender.send(Number { value: 21 }).await.expect("the stream is open");
            assert_eq!(doubled.message().await?, Some(Number { value: 42 }));
            streams.push((sender, doubled));
        }
    }
    Ok(per_piece(before, connected, memory()))
}

/// The same of stock tonic.
async fn stock_client(uri: &str) -> Result<[f64; 2], Status> {
    let connect = async || {
        let client = stock::BenchClient::connect(uri.to_owned()).await;
        let mut client = client.expect("the server listens");
        client.echo(Number { value: 0 }).await?;
        Ok::<_, Status>(client)
    };
    let _first = connect().await?;
    let mut clients = Vec::with_capacity(CLIENT_CONNECTIONS as usize);
    let mut streams = Vec::with_capacity(STREAMS as usize);
    let before = memory();
    for _ in 0..CLIENT_CONNECTIONS {
        clients.push(connect().await?);
    }
    let connected = memory();
    for _ in 0..STREAMS / CLIENT_CONNECTIONS {
        for client in &mut clients {
            let (sender, mut doubled) = open(client).await?;
            sender.send(Number { value: 21 }).await.expect("the stream is open");
            assert_eq!(doubled.message().await?, Some(Number { value: 42 }));
            streams.push((sender, doubled));
        }
    }
    Ok(per_piece(before, connected, memory()))
}

fn per_piece(before: f64, connected: f64, opened: f64) -> [f64; 2] {
    let connection = (connected - before) / f64::from(CLIENT_CONNECTIONS);
    [connection, (opened - connected) / f64::from(STREAMS)]
}

fn memory() -> f64 {
    resident().expect("it was there before") as f64
}

/// Bytes per stream: when it is open, and when it has been used.
async fn measure(name: &str) -> Result<[f64; 2], Status> {
    let mut server = Server::start(name);
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = stock::BenchClient::connect(format!("http://{}", server.addr))
            .await
            .expect("the server listens");
        client.echo(Number { value: 0 }).await?;
        clients.push(client);
    }
    let before = server.resident();

    let mut streams = Vec::new();
    for _ in 0..STREAMS / CONNECTIONS {
        for client in &mut clients {
            streams.push(open(client).await?);
        }
    }
    let opened = server.resident();

    for (numbers, doubled) in &mut streams {
        numbers.send(Number { value: 21 }).await.expect("the stream is open");
        assert_eq!(doubled.message().await?, Some(Number { value: 42 }));
    }
    let used = server.resident();

    Ok([opened, used].map(|it| (it - before) / f64::from(STREAMS)))
}

/// Opens a stream, and waits for the head of its answer: the server has it then.
async fn open(
    client: &mut stock::BenchClient<Channel>,
) -> Result<(mpsc::Sender<Number>, Streaming<Number>), Status> {
    let (sender, numbers) = mpsc::channel(1);
    let doubled = client.double(ReceiverStream::new(numbers)).await?.into_inner();
    Ok((sender, doubled))
}

/// The server's process, from the outside. It ends when its input does.
struct Server {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    addr: String,
}

impl Server {
    fn start(name: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args([SERVER, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut server = Self { process, input, output, addr: String::new() };
        server.addr = server.line();
        server
    }

    fn resident(&mut self) -> f64 {
        let input = self.input.as_mut().expect("open until the end");
        writeln!(input).expect("the server reads");
        self.line().parse().expect("a figure")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server answers");
        line.trim_end().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// What the process of the server does.
pub(crate) fn server(name: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let addr = runtime.block_on(async {
        // One more, for the call that opens the connection.
        let streams = STREAMS / CONNECTIONS + 1;
        match name == NAMES[0] {
            true => serve::ours(streams).await,
            false => serve::stock(stock::BenchServer::new(Stock { channel: 128 }), streams).await,
        }
    });
    println!("{addr}");
    for _ in std::io::stdin().lines() {
        println!("{}", resident().unwrap_or_default());
    }
}

/// The resident memory of this process in bytes.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string(MEMORY).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib * 1024)
}
