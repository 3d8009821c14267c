//! The runs, the proxy between two programs, and the command line.

use std::{
    io::{self, Write},
    sync::mpsc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};
use traitwire::{Server, schema::Schema};
use wire::{schema, trace::Style};

use crate::{
    contract::{ORDER_MANAGEMENT, OrderManagement, OrderManagementClient, OrderManagementServer},
    printer::Printer,
    proxy::Proxy,
    runs::{self, RUNS},
    shop::Shop,
    words::Words,
};

/// A terminal that can be read.
struct Terminal(UnboundedSender<String>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).expect("whole lines");
        self.0.send(text).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A proxy, and what it prints.
struct Running {
    address: String,
    printed: UnboundedReceiver<String>,
    text: String,
    proxy: JoinHandle<()>,
}

impl Running {
    async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (terminal, printed) = unbounded_channel();
        let (printer, _) = Printer::start(Terminal(terminal));
        let contract = Schema::of(&[&ORDER_MANAGEMENT]).unwrap().to_string();
        let schema = schema::Schema::parse([("", contract.as_str())]).unwrap();
        let proxy = Proxy { listen: String::new(), target, schema, style: Style::Compact };
        let proxy = tokio::spawn(proxy.accept(listener, printer));
        Self { address, printed, text: String::new(), proxy }
    }

    /// Waits for a line.
    async fn until(&mut self, line: &str) {
        while !self.text.lines().any(|it| it == line) {
            let more = soon(self.printed.recv()).await;
            self.text += &more.unwrap_or_else(|| panic!("no {line}: {}", self.text));
        }
    }
}

async fn soon<T>(wait: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), wait).await.expect("it happens soon")
}

/// A peer that is no gRPC server: the test is.
async fn peer() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn calls_go_through_the_proxy_and_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let server = Server::new().add(OrderManagementServer::new(Shop));
    tokio::spawn(server.serve(listener, std::future::pending()));
    let mut running = Running::start(target).await;

    for number in 1..=3 {
        let server = format!("http://{}", running.address);
        let shop = OrderManagementClient::connect(server).await.unwrap();
        assert_eq!(shop.get_order("106").await.unwrap().id, "106");
        drop(shop);
        running.until(&format!("{number}: closed")).await;
    }
    for number in 1..=3 {
        let path = "/ecommerce.OrderManagement/getOrder";
        running.until(&format!("{number}: opened")).await;
        running
            .until(&format!("{number}: client → HEADERS      stream 1              {path}"))
            .await;
        running
            .until(&format!("{number}: client ← HEADERS      stream 1   END_STREAM grpc-status 0"))
            .await;
    }
}

#[tokio::test]
async fn garbage_and_half_closes_are_passed_on_in_both_directions() {
    let (target, address) = peer().await;
    let mut running = Running::start(address).await;
    let mut client = TcpStream::connect(&running.address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    client.shutdown().await.unwrap();

    let (mut server, _) = soon(target.accept()).await.unwrap();
    let mut asked = String::new();
    soon(server.read_to_string(&mut asked)).await.unwrap();
    assert_eq!(asked, "GET / HTTP/1.1\r\n\r\n");
    // The client has said all it had to say, and still listens.
    server.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    drop(server);
    let mut answered = String::new();
    soon(client.read_to_string(&mut answered)).await.unwrap();
    assert_eq!(answered, "HTTP/1.1 204 No Content\r\n\r\n");

    let garbage = "garbage from byte 0 on: not the preface of HTTP/2";
    running.until(&format!("1: client → {garbage}")).await;
    running.until("1: client → end, after 18 bytes unread").await;
    running.until("1: client ← garbage from byte 0 on: does not begin with SETTINGS").await;
    running.until("1: closed").await;
}

#[tokio::test]
async fn a_target_that_is_down_is_one_line_and_closes_the_connection() {
    let (target, address) = peer().await;
    drop(target);
    let mut running = Running::start(address.clone()).await;
    let mut client = TcpStream::connect(&running.address).await.unwrap();
    assert_eq!(soon(client.read(&mut [0; 9])).await.unwrap(), 0);
    let closed = format!("1: closed: cannot connect to {address}: ");
    while !running.text.contains(&closed) {
        running.text += &soon(running.printed.recv()).await.unwrap();
    }
    assert_eq!(running.text.lines().count(), 2, "{}", running.text);
}

#[tokio::test]
async fn a_peer_that_vanishes_ends_the_connection_of_the_other() {
    let (target, address) = peer().await;
    let running = Running::start(address).await;
    let mut client = TcpStream::connect(&running.address).await.unwrap();
    let (server, _) = soon(target.accept()).await.unwrap();
    // An end in the middle, with bytes unread: the kernel says so with a reset.
    client.write_all(b"unread").await.unwrap();
    server.readable().await.unwrap();
    drop(server);
    let ended = soon(client.read(&mut [0; 9])).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[tokio::test]
async fn connections_end_with_the_proxy() {
    let (target, address) = peer().await;
    let running = Running::start(address).await;
    let mut client = TcpStream::connect(&running.address).await.unwrap();
    let (mut server, _) = soon(target.accept()).await.unwrap();
    running.proxy.abort();
    for socket in [&mut client, &mut server] {
        let ended = soon(socket.read(&mut [0; 9])).await;
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    }
}

/// A terminal that takes nothing until it is told to.
struct Stopped(mpsc::Receiver<()>, Terminal);

impl Write for Stopped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_slow_terminal_costs_lines_and_not_memory() {
    let (go_on, stopped) = mpsc::channel();
    let (terminal, mut printed) = unbounded_channel();
    let (printer, _) = Printer::start(Stopped(stopped, Terminal(terminal)));
    let line = "x".repeat(1023) + "\n";
    for _ in 0..10_000 {
        printer.print(&line);
    }
    drop(go_on);
    let (mut kept, mut dropped) = (0, 0);
    while kept + dropped < 10_000 {
        for line in soon(printed.recv()).await.unwrap().lines() {
            match line.strip_prefix('(') {
                None => kept += 1,
                Some(note) => dropped += note.split(' ').next().unwrap().parse::<usize>().unwrap(),
            }
        }
    }
    assert_eq!(kept + dropped, 10_000);
    // One queue may have been taken, and waits for the terminal while the next one fills.
    assert!(kept <= 2 * 4096, "{kept} KiB were kept");
}

#[tokio::test]
async fn a_printer_whose_reader_has_gone_says_so() {
    let (terminal, printed) = unbounded_channel();
    drop(printed);
    let (printer, closed) = Printer::start(Terminal(terminal));
    printer.print("hello\n");
    assert_eq!(soon(closed).await.unwrap().kind(), io::ErrorKind::BrokenPipe);
}

#[tokio::test]
async fn every_run_shows_the_same_bytes_again() {
    for run in RUNS.iter().filter(|run| cfg!(feature = "gzip") || run.name != "gzip") {
        let first = soon(runs::show(run)).await.unwrap();
        assert_eq!(soon(runs::show(run)).await.unwrap(), first, "{}", run.name);
        assert!(first.contains("client → HEADERS       stream 1"), "{first}");
    }
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_messages_are_shown_as_they_were() {
    let run = RUNS.iter().find(|run| run.name == "gzip").unwrap();
    let shown = runs::show(run).await.unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/17_on_the_wire");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("gzip", shown));
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn the_run_that_needs_a_feature_says_which() {
    let run = RUNS.iter().find(|run| run.name == "gzip").unwrap();
    let error = runs::show(run).await.unwrap_err().to_string();
    assert!(error.contains("--features gzip"), "{error}");
}

#[test]
fn a_command_line_that_cannot_be_read_is_one_line() {
    let proxy = ["proxy", "127.0.0.1:0", "127.0.0.1:1"];
    let lines: [(&[&str], &str); 8] = [
        (&["sing"], "cannot read `sing`"),
        (&["show", "x", "y"], "cannot read `show x y`"),
        (&["show", "\x1b[2J"], "there is no run `\u{fffd}[2J`"),
        (&["proxy", "127.0.0.1:0"], "cannot read `proxy 127.0.0.1:0`"),
        (&["proxy", "127.0.0.1:0", "nowhere"], "`nowhere` is not an address"),
        (&[&proxy[..], &["--quiet"]].concat(), "cannot read `--quiet`"),
        (&[&proxy[..], &["--proto"]].concat(), "cannot read `--proto`"),
        (&[&proxy[..], &["--proto", "/no/such.proto"]].concat(), "cannot read /no/such.proto: "),
    ];
    for (words, start) in lines {
        let error = Words::read(words.iter().map(|&it| it.to_owned())).err().unwrap().to_string();
        assert!(error.starts_with(start), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
