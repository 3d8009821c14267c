//! Memory of a server per idle bidirectional stream.
//!
//! The server is a process of its own, this program with a word of its own, so that nothing else is
//! in the figures. It answers each line on its input with its resident memory.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
};

use tokio::{runtime::Runtime, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming, transport::Channel};

use crate::{
    rounds::Spread,
    serve,
    stock::{self, Number, Stock},
    table,
};

/// The word that makes this program a server; the name of the server follows.
pub(crate) const SERVER: &str = "idle-server";

const NAMES: [&str; 2] = ["traitwire", "stock tonic"];
const RUNS: usize = 5;
const STREAMS: u32 = 10_000;
const CONNECTIONS: u32 = 10;

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
    ExitCode::SUCCESS
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
