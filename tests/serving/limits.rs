//! How much a caller may have the server hold, and with what it may begin.

use std::{future::pending, net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, split},
    sync::{Semaphore, oneshot},
    time::{Instant, sleep},
};
use tower::layer::util::Identity;
use traitwire::{Code, Server, Status, Stream, Streaming, service, stream_fn};
use traitwire_tests::{
    frames::{Content, Frame, Kind, POST, PREFACE, Reason, Wire, bytes, field, flags},
    serve, serve_with,
};

use crate::{
    caller::{Answer, Begun, Caller, framed, settle},
    contract::Service,
    ends::closes,
    pipe::{Once, Pipe},
};

/// Calls that hold messages.
#[service(package = "proof.v1")]
trait Holders {
    /// Holds a message until it is permitted to end.
    async fn keep(&self, message: Vec<u8>) -> Result<(), Status>;

    /// The length of each.
    fn measure(&self, messages: Streaming<Vec<u8>>) -> impl Stream<Item = Result<u32, Status>>;

    /// Not one message is read.
    async fn refuse(&self, messages: Streaming<Vec<u8>>) -> Result<(), Status>;

    /// A message of so many bytes.
    async fn fill(&self, bytes: u32) -> Result<Vec<u8>, Status>;

    /// The same in a stream that does not end before it is permitted.
    fn stream(&self, bytes: u32) -> impl Stream<Item = Result<Vec<u8>, Status>>;

    /// A message of so many bytes, whatever the caller goes on to send.
    fn early(&self, sizes: Streaming<u32>) -> impl Stream<Item = Result<Vec<u8>, Status>>;

    /// Permits so many calls to end.
    async fn permit(&self, calls: u32) -> Result<(), Status>;
}

struct Holder(Semaphore);

fn bytes_of(count: u32) -> Vec<u8> {
    vec![7; count as usize]
}

impl Holder {
    async fn permitted(&self) {
        self.0.acquire().await.expect("it is not closed").forget();
    }
}

impl Holders for Holder {
    async fn keep(&self, message: Vec<u8>) -> Result<(), Status> {
        self.permitted().await;
        drop(message);
        Ok(())
    }

    fn measure(&self, mut messages: Streaming<Vec<u8>>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            while let Some(message) = messages.message().await? {
                out.send(message.len() as u32).await?;
            }
            Ok(())
        })
    }

    async fn refuse(&self, _: Streaming<Vec<u8>>) -> Result<(), Status> {
        Err(Status::unauthenticated("who are you?"))
    }

    async fn fill(&self, bytes: u32) -> Result<Vec<u8>, Status> {
        Ok(bytes_of(bytes))
    }

    fn stream(&self, bytes: u32) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async move |mut out| {
            out.send(bytes_of(bytes)).await?;
            self.permitted().await;
            Ok(())
        })
    }

    fn early(&self, mut sizes: Streaming<u32>) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async move |mut out| {
            let size = sizes.message().await?.unwrap_or_default();
            out.send(bytes_of(size)).await?;
            Ok(())
        })
    }

    async fn permit(&self, calls: u32) -> Result<(), Status> {
        self.0.add_permits(calls as usize);
        Ok(())
    }
}

const KIB: usize = 1024;

/// A server that holds 100 KiB, with and without a layer.
async fn small() -> [traitwire_tests::Server; 2] {
    let holders = || HoldersServer::new(Holder(Semaphore::new(0)));
    let server = || Server::new().max_buffered_bytes(100 * KIB);
    [
        serve_with(server(), holders()).await,
        serve_with(server().layer(Identity::new()), holders()).await,
    ]
}

/// A message of `bytes` as protobuf has it.
fn blob(length: usize) -> Vec<u8> {
    prost::Message::encode_to_vec(&vec![7_u8; length])
}

fn number(number: u32) -> Vec<u8> {
    prost::Message::encode_to_vec(&number)
}

fn path(method: &str) -> String {
    format!("/proof.v1.Holders/{method}")
}

async fn call(caller: &Caller, method: &str, message: &[u8]) -> Begun {
    caller.call(&path(method), &[], message).await
}

/// A call that has sent the beginning of a message, and not its end.
async fn half(caller: &Caller, method: &str, length: usize) -> Begun {
    let mut call = caller.begin(&path(method), &[]).await;
    let message = framed(&blob(length));
    call.request.send_data(message.slice(..message.len() - 1), false).unwrap();
    call
}

/// What is missing of it.
const LAST: Bytes = Bytes::from_static(&[7]);

/// Permits so many calls to end.
async fn permit(caller: &Caller, calls: u32) {
    let permitted = call(caller, "Permit", &number(calls)).await.end().await;
    assert_eq!(permitted.0, Code::Ok);
}

#[track_caller]
fn assert_too_much(end: &(Code, String)) {
    assert_eq!(end.0, Code::ResourceExhausted, "{end:?}");
    let (start, limit) = ("the server holds ", " bytes for its calls, and the limit is 102400");
    assert!(end.1.starts_with(start) && end.1.ends_with(limit), "{end:?}");
}

/// On a clock that jumps, the time of a socket that is full would be up before it is read.
#[tokio::test]
async fn messages_that_come_hold_no_more_together_than_the_server_allows() {
    for server in small().await {
        let caller = Caller::connect(server.addr).await;
        permit(&caller, 10).await;
        for method in ["Keep", "Measure"] {
            let large = half(&caller, method, 60 * KIB).await;
            permit(&caller, 0).await;
            assert_too_much(&half(&caller, method, 60 * KIB).await.end().await);
            // There is room for what fits.
            let small = half(&caller, method, 20 * KIB).await;
            permit(&caller, 0).await;
            assert_too_much(&half(&caller, method, 30 * KIB).await.end().await);

            for mut call in [large, small, half(&caller, method, 10 * KIB).await] {
                call.request.send_data(LAST, true).unwrap();
                assert_eq!(call.end().await.0, Code::Ok);
            }
            let mut next = half(&caller, method, 90 * KIB).await;
            next.request.send_data(LAST, true).unwrap();
            assert_eq!(next.end().await.0, Code::Ok);
        }
    }
}

#[tokio::test]
async fn messages_whose_callers_do_not_end_count_too() {
    for server in small().await {
        let caller = Caller::connect(server.addr).await;
        permit(&caller, 2).await;
        let whole = async |length: usize| {
            let mut call = caller.begin(&path("Keep"), &[]).await;
            call.request.send_data(framed(&blob(length)), false).unwrap();
            call
        };
        let mut held = whole(60 * KIB).await;
        permit(&caller, 0).await;
        assert_too_much(&whole(60 * KIB).await.end().await);
        held.request.send_data(Bytes::new(), true).unwrap();
        assert_eq!(held.end().await.0, Code::Ok);
        let mut next = whole(90 * KIB).await;
        next.request.send_data(Bytes::new(), true).unwrap();
        assert_eq!(next.end().await.0, Code::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_handled_count_too() {
    // A layer's service reads its request itself, and holds it as it likes.
    let [server, _] = small().await;
    let caller = Caller::connect(server.addr).await;
    let first = call(&caller, "Keep", &blob(60 * KIB)).await;
    settle().await;
    assert_too_much(&call(&caller, "Keep", &blob(60 * KIB)).await.end().await);

    permit(&caller, 1).await;
    assert_eq!(first.end().await.0, Code::Ok);
    let next = call(&caller, "Keep", &blob(60 * KIB)).await;
    permit(&caller, 1).await;
    assert_eq!(next.end().await.0, Code::Ok);
}

/// All that is read of it in one turn.
#[tokio::test(start_paused = true)]
async fn messages_that_are_there_with_their_call_count_too() {
    let [server, _] = small().await;
    let mut wire = Wire::open(server.addr).await;
    let head = [
        &POST[..2],
        &field(4, &path("Keep")), // :path
        &field(31, "application/grpc"),
    ]
    .concat();
    let message = framed(&blob(12 * KIB));
    let calls = (0..10).map(|it| 2 * it + 1).flat_map(|stream| {
        let head = Frame::headers(stream, head.clone(), false);
        [head, Frame::data(stream, message.clone(), true)]
    });
    // That the window is wide enough, the server says first.
    wire.expect(Kind::WINDOW_UPDATE).await;
    wire.send(calls).await;
    // Eight fit.
    for stream in [17, 19] {
        let end = wire.expect(Kind::HEADERS).await;
        assert_eq!(end.stream, stream);
        assert!(end.has(flags::END_STREAM));
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_wait_for_their_callers_count_too() {
    for server in small().await {
        let deaf = Caller::deaf(server.addr).await;
        let large = 60 * KIB as u32;
        let first = begun(call(&deaf, "Fill", &number(large)).await).await;
        let second = begun(call(&deaf, "Fill", &number(large)).await).await;
        assert_too_much(&second.end().await);
        // Who reads is not bound to what others leave.
        let caller = Caller::connect(server.addr).await;
        let end = call(&caller, "Fill", &number(30 * KIB as u32)).await.end().await;
        assert_eq!(end.0, Code::Ok);
        drop(first);
        settle().await;
        let end = call(&caller, "Fill", &number(large)).await.end().await;
        assert_eq!(end.0, Code::Ok);
    }
}

/// A caller whose windows are wide open, and who reads nothing from its socket before it is told to.
async fn stuck(server: Server) -> (Caller, oneshot::Sender<()>) {
    let (client, relay) = tokio::io::duplex(KIB);
    let (far, pipe) = Pipe::new();
    tokio::spawn(server.serve(Once(Some(pipe)), pending()));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (split(relay), split(far));
    let (reads, told) = oneshot::channel();
    tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
    tokio::spawn(async move {
        told.await.unwrap();
        copy(&mut from_server, &mut to_client).await
    });
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(1 << 30).initial_connection_window_size(1 << 30);
    (Caller::over(client, ([0, 0, 0, 0], 0).into(), &builder).await, reads)
}

/// HTTP/2 has them, because the window of their caller is wide, and its socket takes nothing.
#[tokio::test(start_paused = true)]
async fn answers_that_wait_for_a_socket_count_too() {
    for layered in [false, true] {
        let server = Server::new().max_buffered_bytes(100 * KIB).write_timeout(Duration::MAX);
        let server = server.keepalive(Duration::MAX, Duration::MAX);
        let server = if layered { server.layer(Identity::new()) } else { server };
        let server = server.add(HoldersServer::new(Holder(Semaphore::new(0))));
        let (caller, reads) = stuck(server).await;
        let fill = async |bytes: usize| {
            let call = call(&caller, "Fill", &number(bytes as u32)).await;
            settle().await;
            call
        };
        let (first, second) = (fill(90 * KIB).await, fill(60 * KIB).await);
        reads.send(()).unwrap();
        assert_too_much(&second.end().await);
        assert_eq!(first.end().await.0, Code::Ok);
        assert_eq!(fill(90 * KIB).await.end().await.0, Code::Ok);
    }
}

async fn begun(call: Begun) -> Answer {
    let answer = call.answered().await;
    settle().await;
    answer
}

/// Reads an answer to the end of this message.
async fn read(answer: &mut Answer, length: usize) {
    let mut left = framed(&blob(length)).len();
    while left > 0 {
        left -= answer.data().await.len();
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_has_delivered_is_held_no_more() {
    for server in small().await {
        let caller = Caller::connect(server.addr).await;
        let mut streams = Vec::new();
        for _ in 0..10 {
            let stream = call(&caller, "Stream", &number(60 * KIB as u32)).await;
            let mut stream = stream.answered().await;
            read(&mut stream, 60 * KIB).await;
            streams.push(stream);
        }
        permit(&caller, 10).await;
        for stream in streams {
            assert_eq!(stream.end().await.0, Code::Ok);
        }
    }
}

/// Their callers have not ended their half.
#[tokio::test(start_paused = true)]
async fn calls_that_have_ended_hold_nothing() {
    for server in small().await {
        let caller = Caller::connect(server.addr).await;
        let mut open = Vec::new();
        for _ in 0..10 {
            let mut call = caller.begin(&path("Early"), &[]).await;
            call.request.send_data(framed(&number(60 * KIB as u32)), false).unwrap();
            let mut answer = call.answered().await;
            read(&mut answer, 60 * KIB).await;
            open.push(answer);
        }
    }
}

/// How long the server reads on after it has refused a call.
#[tokio::test(start_paused = true)]
async fn who_does_not_end_a_refused_request_is_reset_after_ten_seconds() {
    for server in small().await {
        let mut wire = Wire::open(server.addr).await;
        let head = [&POST[..2], &field(4, &path("Refuse")), &field(31, "application/grpc")];
        wire.send([Frame::headers(1, head.concat(), false)]).await;
        let start = Instant::now();
        assert!(wire.expect(Kind::HEADERS).await.has(flags::END_STREAM), "it is refused at once");
        for second in 1..10 {
            sleep(Duration::from_secs(1)).await;
            let small = framed(&[second]);
            wire.send([Frame::data(1, small, false)]).await;
        }
        let reset = wire.expect(Kind::RST_STREAM).await;
        assert_eq!(reset, Frame::rst_stream(1, Reason::NO_ERROR));
        assert_eq!(start.elapsed().as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_of_the_server_nobody_reads_on_for_long() {
    for server in small().await {
        let mut wire = Wire::open(server.addr).await;
        let head = [&POST[..2], &field(4, &path("Refuse")), &field(31, "application/grpc")];
        wire.send([Frame::headers(1, head.concat(), false)]).await;
        assert!(wire.expect(Kind::HEADERS).await.has(flags::END_STREAM), "it is refused at once");
        let start = Instant::now();
        drop(server);
        closes(&mut wire).await;
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

/// What comes back for these bytes, until the server closes in peace: a reset would be an error.
async fn answer_to(addr: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut wire = Wire::connect(addr).await;
    wire.socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    wire.socket.read_to_end(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn what_does_not_begin_with_settings_is_ended_as_an_error() {
    let server = serve(Service::new().0).await;
    for first in [
        Frame::ping(*b"too soon", false),
        Frame::window_update(0, 1),
        Frame::headers(1, POST, true),
        Frame::new(Kind(0xfa), 0, 0, vec![]),
    ] {
        let mut wire = Wire::connect(server.addr).await;
        wire.write(&[PREFACE, &bytes([first.clone()])[..]].concat()).await;
        let goaway = wire.expect(Kind::GOAWAY).await.content();
        let Ok(Content::Goaway { reason, .. }) = goaway else { panic!("{goaway:?}") };
        assert_eq!(reason, Reason::PROTOCOL_ERROR, "{first:?}");
        wire.rest().await;
    }
}

#[tokio::test]
async fn what_is_not_http_2_is_closed_without_a_word_and_without_a_reset() {
    let server = serve(Service::new().0).await;
    let long = format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", "shop".repeat(500));
    for bytes in [
        b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n",
        long.as_bytes(),
        b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03 which is a hello of TLS",
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    ] {
        assert_eq!(answer_to(server.addr, bytes).await, b"");
    }
}
