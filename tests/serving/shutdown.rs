//! The end of a server.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{JoinHandle, coop::poll_proceed, yield_now},
    time::{Instant, sleep, timeout},
};
use traitwire::{Server, Streaming};
use traitwire_tests::frames::{Content, Frame, Kind, PREFACE, Wire, bytes};

use crate::{
    contract::{Calls, CallsClient, Service, Test, flood},
    pipe::{Hangs, Once, Pipe},
};

/// A server that can be told to stop.
struct Scene {
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    test: Test,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (service, test) = Service::new();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let served = tokio::spawn(async move {
            server.add(service).serve(listener, stopped).await.unwrap();
        });
        Self { addr, stop, served, test }
    }

    async fn client(&self) -> CallsClient {
        CallsClient::connect(format!("http://{}", self.addr)).await.unwrap()
    }

    /// Stops the server; how long it took, and what the test had to do with it.
    async fn stop(self) -> (Duration, Test) {
        let start = Instant::now();
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(300), self.served).await.expect("the server ends").unwrap();
        (start.elapsed(), self.test)
    }
}

/// A call that has begun.
async fn begun(mut call: Streaming<u32>) -> Streaming<u32> {
    assert_eq!(call.message().await.unwrap(), Some(0));
    call
}

#[tokio::test(start_paused = true)]
async fn a_server_without_calls_ends_at_once() {
    let scene = Scene::new(Server::new()).await;
    let client = scene.client().await;
    client.say("hello".to_owned()).await.unwrap();
    assert_eq!(scene.stop().await.0, Duration::ZERO);
}

#[tokio::test]
async fn a_call_that_runs_is_served_to_its_end() {
    let scene = Scene::new(Server::new()).await;
    let mut wire = Wire::open(scene.addr).await;
    let client = scene.client().await;
    let mut call = begun(client.wait()).await;

    scene.stop.send(()).unwrap();
    // Two of them: the first lets every call in that is on its way.
    let goaway = wire.expect(Kind::GOAWAY).await.content();
    assert!(matches!(goaway, Ok(Content::Goaway { last_stream: 0x7fff_ffff, .. })), "{goaway:?}");
    assert!(TcpStream::connect(scene.addr).await.is_err(), "the listener is closed");
    assert!(!scene.served.is_finished());

    scene.test.permits.add_permits(1);
    assert_eq!(call.message().await.unwrap(), Some(1));
    assert_eq!(call.message().await.unwrap(), None);
    drop(wire);
    scene.served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_end_is_cut_when_the_time_is_up() {
    for (server, seconds) in [
        (Server::new(), 5),
        (Server::new().drain_timeout(Duration::from_secs(30)), 30),
        (Server::new().drain_timeout(Duration::ZERO), 0),
    ] {
        let scene = Scene::new(server).await;
        let mut call = begun(scene.client().await.hold()).await;
        let (took, mut test) = scene.stop().await;
        assert_eq!(took.as_secs(), seconds);
        assert!(call.message().await.is_err());
        test.dropped.recv().await.expect("the handler tells of its end");
    }
}

/// The server cannot even write, and a GOAWAY is the last thing that could get through.
#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_read_is_cut_too() {
    let scene = Scene::new(Server::new()).await;
    let mut wire = Wire::connect(scene.addr).await;
    wire.write(&flood()).await;
    // On this clock: until all wait.
    sleep(Duration::from_secs(1)).await;
    let (took, mut test) = scene.stop().await;
    assert_eq!(took.as_secs(), 5);
    test.dropped.recv().await.expect("the handler tells of its end");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_answer_is_cut_too() {
    let scene = Scene::new(Server::new()).await;
    let mut silent = Wire::connect(scene.addr).await;
    let mut deaf = Wire::open(scene.addr).await;
    deaf.expect(Kind::SETTINGS).await;
    assert_eq!(scene.stop().await.0.as_secs(), 5);
    deaf.rest().await;
    silent.rest().await;
}

/// A connection that has always something to read, and takes everything. It gives way as those of
/// tokio do.
struct Busy(Box<dyn Iterator<Item = u8> + Send>);

impl Busy {
    /// A client that begins, and then sends one frame for ever.
    fn new() -> Self {
        let settings = bytes([Frame::settings(&[])]);
        let priority = bytes([Frame::new(Kind::PRIORITY, 0, 1, vec![0, 0, 0, 0, 16])]);
        let start = PREFACE.iter().copied().chain(settings);
        Self(Box::new(start.chain(priority.into_iter().cycle())))
    }
}

impl AsyncRead for Busy {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let turn = ready!(poll_proceed(cx));
        turn.made_progress();
        let bytes: Vec<u8> = self.0.by_ref().take(buffer.remaining().min(64)).collect();
        buffer.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Busy {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_caller_who_never_stops_sending_is_cut_too() {
    let server = Server::new().drain_timeout(Duration::ZERO);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let served = tokio::spawn(server.add(Service::new().0).serve(Once(Some(Busy::new())), stopped));
    for _ in 0..100 {
        yield_now().await;
    }
    stop.send(()).unwrap();
    timeout(Duration::from_secs(20), served).await.expect("the server ends").unwrap().unwrap();
}

/// Nothing is read or written meanwhile, at which the cut could be seen.
#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_in_flush_or_shutdown_is_cut_too() {
    for hangs in [Hangs::InFlush, Hangs::InShutdown] {
        let (mut client, pipe) = Pipe::new();
        let hello = [&PREFACE[..], &bytes([Frame::settings(&[])])].concat();
        client.write_all(&hello).await.unwrap();
        // Only a connection that ends is shut down.
        client.shutdown().await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let listener = Once(Some(Pipe { hangs, ..pipe }));
        let served = tokio::spawn(Server::new().add(Service::new().0).serve(listener, stopped));
        // On this clock: until all wait.
        sleep(Duration::from_secs(1)).await;

        let start = Instant::now();
        stop.send(()).unwrap();
        timeout(Duration::from_secs(300), served).await.expect("the server ends").unwrap().unwrap();
        assert_eq!(start.elapsed().as_secs(), 5);
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_leaves_nothing_behind() {
    let mut scene = Scene::new(Server::new()).await;
    let mut call = begun(scene.client().await.hold()).await;
    let mut silent = Wire::connect(scene.addr).await;
    scene.served.abort();
    scene.test.dropped.recv().await.expect("the handler tells of its end");
    assert!(call.message().await.is_err());
    silent.rest().await;
    assert!(TcpStream::connect(scene.addr).await.is_err());
}

/// What is served in a task must be `Send`.
#[test]
fn a_server_can_be_spawned() {
    fn is_send(_: impl Future + Send) {}
    fn check(listener: TcpListener) {
        is_send(Server::new().add(Service::new().0).serve(listener, std::future::pending()));
    }
    let _: fn(TcpListener) = check;
}
