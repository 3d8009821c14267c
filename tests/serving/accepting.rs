//! A listener that fails.

use std::{
    future::pending,
    io,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
    time::{Instant, sleep, timeout},
};
use traitwire::{Listener, Listeners, Peer, Server};

use crate::contract::{Calls, CallsClient, Service};

/// Fails so often before each connection.
struct Failing {
    listener: TcpListener,
    error: io::ErrorKind,
    left: usize,
}

impl Listener for Failing {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Err(self.error.into()))
            }
            None => Listener::poll_accept(&mut self.listener, cx),
        }
    }
}

/// When a server answers whose listener fails so often, and so.
async fn answers_after(error: io::ErrorKind, failures: usize) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = format!("http://{}", listener.local_addr().unwrap());
    let listener = Failing { listener, error, left: failures };
    let start = Instant::now();
    tokio::spawn(Server::new().add(Service::new().0).serve(listener, pending()));

    let client = CallsClient::connect(addr).await.unwrap();
    client.say("hello".to_owned()).await.unwrap();
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn after_each_failure_the_pause_is_longer_up_to_a_second() {
    let pauses = [5, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000];
    let took = answers_after(io::ErrorKind::Other, pauses.len()).await;
    // A timer of tokio may be late by a millisecond.
    let late = took.as_millis() - pauses.iter().sum::<u128>();
    assert!(late <= pauses.len() as u128, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_left_the_backlog_costs_no_pause() {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    for error in [ConnectionAborted, ConnectionRefused, ConnectionReset] {
        assert_eq!(answers_after(error, 1_000).await, Duration::ZERO, "{error}");
    }
}

/// Fails whenever it is asked.
struct Broken;

impl Listener for Broken {
    type Io = TcpStream;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
        Poll::Ready(Err(io::Error::other("no file left")))
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_always_fails_holds_up_no_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = format!("http://{}", listener.local_addr().unwrap());
    let listeners = Listeners::new().add(Broken).add(listener).add(Broken);
    tokio::spawn(Server::new().add(Service::new().0).serve(listeners, pending()));
    for _ in 0..5 {
        // Until its pauses are long.
        sleep(Duration::from_millis(2_345)).await;
        let start = Instant::now();
        let client = CallsClient::connect(addr.clone()).await.unwrap();
        client.say("hello".to_owned()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

/// Counts its failures.
struct Counted {
    listener: TcpListener,
    failures: Arc<AtomicUsize>,
}

impl Listener for Counted {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
        let polled = Listener::poll_accept(&mut self.listener, cx);
        if let Poll::Ready(Err(error)) = &polled
            && self.failures.fetch_add(1, Ordering::Relaxed) == 0
        {
            println!("failed: {error}");
        }
        polled
    }
}

const CHILD: &str = "TRAITWIRE_TEST_FEW_FILES";

/// The server of the next test, in a process of its own. It ends with its input.
#[tokio::test]
async fn a_server_that_may_open_few_files() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listens: {}", listener.local_addr().unwrap());
    let failures = Arc::new(AtomicUsize::new(0));
    let listener = Counted { listener, failures: failures.clone() };
    let closed = async { drop(tokio::io::stdin().read(&mut [0]).await) };
    Server::new().add(Service::new().0).serve(listener, closed).await.unwrap();
    println!("failures: {}", failures.load(Ordering::Relaxed));
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_has_no_file_left_waits_for_one() {
    let name = "accepting::a_server_that_may_open_few_files";
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -n 24 && exec \"$0\" --exact \"$1\" --nocapture --quiet"])
        .arg(std::env::current_exe().unwrap())
        .arg(name)
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = async |what: &str| {
        let line = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the child goes on");
                if let Some((_, said)) = line.split_once(what) {
                    return said.to_owned();
                }
            }
        };
        timeout(Duration::from_secs(60), line).await.expect(what)
    };

    let addr = said("listens: ").await;
    let mut callers = Vec::new();
    for _ in 0..32 {
        callers.push(TcpStream::connect(&addr).await.unwrap());
    }
    assert!(said("failed: ").await.contains("24"), "EMFILE, on every system");
    drop(callers);

    let client = CallsClient::connect(format!("http://{addr}")).await.unwrap();
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
    drop((client, input));
    let failures: usize = said("failures: ").await.parse().unwrap();
    assert!((1..100).contains(&failures), "{failures}");
}
