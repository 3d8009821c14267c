//! Connectors of one's own.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use http::Uri;
use tokio::{
    io::{DuplexStream, duplex},
    sync::mpsc,
    time::{Instant, sleep},
};
use traitwire::{CallOptions, Channel, Code, Listener, Peer, Server};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Parrot, note},
    peer::{say, settle},
};

/// Listens in memory.
struct Pipes(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Pipes {
    type Io = DuplexStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Peer)>> {
        match ready!(self.0.poll_recv(cx)) {
            Some(io) => Poll::Ready(Ok((io, Peer::unknown()))),
            None => Poll::Pending,
        }
    }
}

/// A server in this process, and where it takes connections.
fn serve() -> mpsc::UnboundedSender<DuplexStream> {
    let (pipes, listener) = mpsc::unbounded_channel();
    let server = Server::new().add(EchoServer::new(Parrot));
    tokio::spawn(server.serve(Pipes(listener), std::future::pending()));
    pipes
}

fn pipe(server: &mpsc::UnboundedSender<DuplexStream>) -> DuplexStream {
    let (ours, theirs) = duplex(1024);
    server.send(theirs).unwrap();
    ours
}

#[tokio::test]
async fn a_server_in_the_same_process() {
    let server = serve();
    let connector = tower::service_fn(move |uri: Uri| {
        assert_eq!(uri, "http://in.memory/");
        std::future::ready(Ok::<_, Infallible>(pipe(&server)))
    });
    let channel = Channel::builder("http://in.memory").connector(connector).connect().await;
    let client = EchoClient::new(channel.unwrap());
    // More than the pipe holds, both ways.
    let long = note(&"long".repeat(10_000));
    assert_eq!(client.say(long.clone()).await.unwrap(), long);
    let notes = ["one", "two", "three"].map(note);
    let joined = client.join(notes.clone().into_iter().collect()).await.unwrap();
    assert_eq!((&*joined.text, joined.count), ("one two three", 3));
    let mut answers = client.chat(notes.clone().into_iter().collect());
    for note in notes {
        assert_eq!(answers.message().await.unwrap(), Some(note));
    }
    assert_eq!(answers.message().await.unwrap(), None);
}

/// TLS is a matter of the connector.
#[tokio::test]
async fn a_server_of_https() {
    let server = serve();
    let connector = tower::service_fn(move |uri: Uri| {
        assert_eq!(uri, "https://in.memory/");
        std::future::ready(Ok::<_, Infallible>(pipe(&server)))
    });
    let channel = Channel::builder("https://in.memory").connector(connector).connect().await;
    let client = EchoClient::new(channel.unwrap());
    assert_eq!(client.say(note("hello")).await.unwrap(), note("hello"));
}

/// What the first attempts come to; the next ones are fine.
async fn client(fails: fn(usize) -> io::Result<()>) -> (EchoClient, Arc<AtomicUsize>) {
    let (server, attempts) = (serve(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&attempts);
    let connector = tower::service_fn(move |_| {
        let (attempt, server) = (counted.fetch_add(1, Relaxed), server.clone());
        async move { fails(attempt).map(|()| pipe(&server)) }
    });
    let channel = Channel::builder("http://in.memory").connector(connector);
    (EchoClient::new(channel.connect_lazy().unwrap()), attempts)
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_fails() {
    let (client, attempts) = client(|attempt| match attempt {
        0 => Err(io::Error::other("the proxy is closed")),
        _ => Ok(()),
    })
    .await;
    let status = client.say(note("hello")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.message(), "no connection to in.memory:80: the proxy is closed");
    let source = std::error::Error::source(&status).expect("the error of the connector");
    assert!(source.to_string().contains("the proxy is closed"));
    sleep(Duration::from_secs(1)).await;
    client.say(note("hello")).await.unwrap();
    assert_eq!(attempts.load(Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_panics() {
    let (client, attempts) = client(|attempt| match attempt {
        0 => panic!("as the test has it"),
        _ => Ok(()),
    })
    .await;
    let calls: Vec<_> = (0..5).map(|_| say(&client, "hello")).collect();
    for call in calls {
        let status = call.await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().contains("the connector panicked"), "{status:?}");
    }
    sleep(Duration::from_secs(1)).await;
    client.say(note("hello")).await.unwrap();
    assert_eq!(attempts.load(Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_a_server_outlasts_a_connector_that_fails() {
    let (client, attempts) = client(|attempt| match attempt {
        0..3 => Err(io::Error::other("the proxy is closed")),
        _ => Ok(()),
    })
    .await;
    let client = client.with(CallOptions::new().wait_for_ready());
    client.say(note("hello")).await.unwrap();
    assert_eq!(attempts.load(Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_never_comes_to_an_end() {
    let connector = tower::service_fn(|_| std::future::pending::<io::Result<DuplexStream>>());
    let channel = Channel::builder("http://in.memory")
        .connector(connector)
        .connect_timeout(Duration::from_secs(7))
        .connect_lazy();
    let start = Instant::now();
    let status = EchoClient::new(channel.unwrap()).say(note("hello")).await.unwrap_err();
    assert_eq!((status.code(), start.elapsed().as_secs()), (Code::Unavailable, 7));
    assert_eq!(status.message(), "no connection to in.memory:80 within 7s");
}

/// A connector is asked for one connection at a time, and for no more than there are to be.
#[tokio::test(start_paused = true)]
async fn a_connector_is_asked_for_as_many_as_are_wanted() {
    let (server, attempts) = (serve(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&attempts);
    let connector = tower::service_fn(move |_| {
        counted.fetch_add(1, Relaxed);
        std::future::ready(Ok::<_, Infallible>(pipe(&server)))
    });
    let channel = Channel::builder("http://in.memory").connector(connector).connections(3, 3);
    let client = EchoClient::new(channel.connect_lazy().unwrap());
    settle().await;
    assert_eq!(attempts.load(Relaxed), 0, "nobody calls");
    let calls: Vec<_> = (0..50).map(|_| say(&client, "hello")).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    settle().await;
    assert_eq!(attempts.load(Relaxed), 3);
}
