//! What a server tells of what goes wrong: one event of `tracing`, with the peer and the reason.

use std::{
    fmt::Debug,
    future::pending,
    io,
    sync::{Arc, LazyLock, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, routing::get};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tower::layer::util::Identity;
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};
use traitwire::{Listener, Peer, Server};
use traitwire_tests::{
    frames::{Frame, POST, PREFACE, Reason, Wire, bytes, field},
    serve_all, serve_with,
};

use crate::{
    caller::{Caller, settle},
    contract::{Service, flood},
    pipe::{Once, Pipe},
    shapes::{self, EACH, Handlers},
};

/// The events of this thread, each with its target and its fields, as long as it lives.
struct Events {
    heard: Arc<Mutex<Vec<String>>>,
    _listens: DefaultGuard,
}

/// Hears the events of the library, and no others.
struct Listening(Arc<Mutex<Vec<String>>>);

impl Events {
    /// Listens from now on. What a test serves runs on its thread.
    fn new() -> Self {
        // With one listener, the thread that is first at an event decides for all whether it is heard, and that
        // may be the thread of another test. With two, tracing asks the listeners.
        static ANOTHER: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(Listening(Arc::default())));
        LazyLock::force(&ANOTHER);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listening = Listening(heard.clone());
        Self { heard, _listens: tracing::subscriber::set_default(listening) }
    }

    /// Those until now.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// Waits for what comes within so many seconds, which pass at once where all wait.
    async fn within(&self, seconds: u64) -> Vec<String> {
        sleep(Duration::from_secs(seconds)).await;
        settle().await;
        self.take()
    }
}

impl Subscriber for Listening {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("traitwire")
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = format!("{} {}:", metadata.level(), metadata.target());
        event.record(&mut Fields(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Writes fields down.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        *self.0 += &format!(" {field}={value:?}");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        *self.0 += &format!(" {field}={value}");
    }
}

/// A connection that was refused or cut.
fn connection(what: &str, peer: impl std::fmt::Display, reason: &str) -> String {
    format!("DEBUG traitwire::server: message={what} peer={peer} reason={reason}")
}

/// A call that was ended.
fn call(peer: &str, method: &str, reason: &str) -> String {
    let target = "DEBUG traitwire::server";
    format!("{target}: message=a call was ended peer={peer} method={method} reason={reason}")
}

/// Sends this, and says as whom.
async fn send(server: &traitwire_tests::Server, bytes: &[u8]) -> (Wire, String) {
    let mut wire = Wire::connect(server.addr).await;
    wire.write(bytes).await;
    let peer = wire.socket.local_addr().unwrap().to_string();
    (wire, peer)
}

/// A client that has begun.
fn hello() -> Vec<u8> {
    [&PREFACE[..], &bytes([Frame::settings(&[])])].concat()
}

#[tokio::test(start_paused = true)]
async fn who_does_not_speak_http_2_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let (_wire, peer) = send(&server, b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    let reason = "the caller does not speak HTTP/2: it sent \"GET / HTTP/1.1\"";
    assert_eq!(events.within(1).await, [connection("a connection was refused", peer, reason)]);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_begin_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let (_wire, peer) = send(&server, b"PRI").await;
    assert_eq!(events.within(9).await, [""; 0]);
    let reason = "its caller has not begun in time";
    assert_eq!(events.within(2).await, [connection("a connection was refused", peer, reason)]);
}

#[tokio::test(start_paused = true)]
async fn who_answers_no_ping_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let (_wire, peer) = send(&server, &hello()).await;
    let reason = "its caller answers no PING";
    assert_eq!(events.within(90).await, [connection("a connection was cut", peer, reason)]);
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_told_of() {
    let events = Events::new();
    let (mut client, pipe) = Pipe::new();
    tokio::spawn(Server::new().add(Service::new().0).serve(Once(Some(pipe)), pending()));
    client.write_all(&flood()).await.unwrap();
    let heard = events.within(25).await;
    let reason = "the caller takes nothing of what is sent to it";
    let call = call("unknown", "/proof.v1.Calls/Flood", "its caller went away");
    assert_eq!(heard, [connection("a connection was cut", "unknown", reason), call]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_the_protocol_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let (_wire, peer) =
        send(&server, &[&hello()[..], &bytes([Frame::data(1, "", false)])].concat()).await;
    let [heard] = &events.within(1).await[..] else { panic!("one event") };
    assert!(heard.starts_with(&connection("a connection was cut", peer, "")), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_in_peace_is_nothing_to_tell_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let caller = Caller::connect(server.addr).await;
    caller.call("/proof.v1.Calls/Say", &[], &[]).await.end().await;
    drop(caller);
    let (wire, _) = send(&server, &hello()).await;
    drop((wire, server));
    assert_eq!(events.within(10).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_cut_are_told_of() {
    let events = Events::new();
    let (service, mut told) = Handlers::new();
    let server = serve_with(Server::new(), service).await;
    let caller = Caller::connect(server.addr).await;
    let running = caller.call(EACH[0], &[], &[]).await;
    told.all(1, shapes::Event::Begun).await;
    drop(server);
    running.end().await;
    let heard = events.within(1).await;
    let ended: Vec<_> = heard.iter().filter(|it| it.contains("a call was ended")).collect();
    let [ended] = ended[..] else { panic!("{heard:?}") };
    let peer = caller.addr.to_string();
    assert_eq!(*ended, call(&peer, EACH[0], "the server is shutting down"));
}

#[tokio::test(start_paused = true)]
async fn what_hangs_at_the_shutdown_is_told_of() {
    let events = Events::new();
    let server = Server::new().write_timeout(Duration::MAX);
    let server = serve_with(server, Service::new().0).await;
    let (wire, peer) = send(&server, &flood()).await;
    assert_eq!(events.within(1).await, [""; 0]);
    drop(server);
    let heard = events.within(10).await;
    let cut = connection("a connection was cut", &peer, "its calls were cut");
    assert!(heard.contains(&cut), "{heard:?}");
    drop(wire);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_its_caller_resets_is_told_of() {
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let events = Events::new();
        let (service, mut told) = Handlers::new();
        let server = serve_with(server, service).await;
        let caller = Caller::connect(server.addr).await;
        let mut running = caller.call(EACH[0], &[], &[]).await;
        told.all(1, shapes::Event::Begun).await;
        running.request.send_reset(h2::Reason::CANCEL);
        told.all(1, shapes::Event::Dropped).await;
        let reason = "its caller went away";
        assert_eq!(events.take(), [call(&caller.addr.to_string(), EACH[0], reason)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_message_does_not_come_to_its_end_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new(), Service::new().0).await;
    let (mut wire, peer) = send(&server, &hello()).await;
    let path = "/proof.v1.Calls/Say";
    let head = [&POST[..2], &field(4, path), &field(31, "application/grpc")].concat();
    wire.send([Frame::headers(1, head, false)]).await;
    assert_eq!(events.within(1).await, [""; 0]);
    wire.send([Frame::rst_stream(1, Reason::CANCEL)]).await;
    let reason = "the caller went away before its messages ended";
    assert_eq!(events.within(1).await, [call(&peer, path, reason)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_connection_that_is_allowed_is_told_of() {
    let events = Events::new();
    let server = serve_with(Server::new().max_connections(2), Service::new().0).await;
    let first = send(&server, &hello()).await;
    assert_eq!(events.within(1).await, [""; 0]);
    let second = send(&server, &hello()).await;
    let [heard] = &events.within(1).await[..] else { panic!("one event") };
    assert!(heard.starts_with("WARN traitwire::server: message="), "{heard}");
    assert!(heard.ends_with(" limit=2"), "{heard}");
    drop((first, second));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_at_fault_is_told_of() {
    let panics: fn() -> &'static str = || panic!("as asked");
    let router = Router::new()
        .route("/early", get(|| async { http::StatusCode::CONTINUE }))
        .route("/panics", get(move || async move { panics() }));
    let server = serve_all(Server::new().fallback(router)).await;
    let caller = Caller::connect(server.addr).await;
    for (path, reason) in [
        ("/early", "the service answered with an informational status"),
        ("/panics", "the service panicked"),
    ] {
        let events = Events::new();
        assert_eq!(caller.get(path).await.status(), 500);
        let call = call(&caller.addr.to_string(), path, reason).replace("DEBUG", "ERROR");
        assert_eq!(events.take(), [call]);
    }
}

/// Fails once in each way.
struct Failing {
    errors: Vec<io::Error>,
    listener: TcpListener,
}

impl Listener for Failing {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
        match self.errors.pop() {
            Some(error) => Poll::Ready(Err(error)),
            None => Listener::poll_accept(&mut self.listener, cx),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_fails_is_told_of() {
    let events = Events::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let errors = vec![io::Error::other("no file left"), io::ErrorKind::ConnectionAborted.into()];
    let listener = Failing { errors, listener };
    tokio::spawn(Server::new().add(Service::new().0).serve(listener, pending()));
    let expected = [
        "DEBUG traitwire::server: message=a connection was not accepted reason=connection aborted",
        "WARN traitwire::server: message=cannot accept connections reason=no file left pause=5ms",
    ];
    assert_eq!(events.within(1).await, expected);
}
