//! The limits of HTTP/2.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use tokio::time::Instant;
use tonic::body::Body;
use traitwire::{Incoming, Server};
use traitwire_tests::{
    frames::{Content, Frame, Kind, POST, Reason, Setting, Wire, flags},
    serve, serve_all, serve_http,
};

use crate::contract::{Calls, CallsClient, Service};

/// Takes every request, and answers none.
fn silent() -> impl tower::Service<
    http::Request<Incoming>,
    Response = http::Response<Body>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(|_: http::Request<Incoming>| std::future::pending())
}

/// A request, whole.
fn request(stream: u32) -> Frame {
    Frame::headers(stream, POST, true)
}

fn reset(stream: u32) -> Frame {
    Frame::rst_stream(stream, Reason::CANCEL)
}

/// The streams of a client, from the first one.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|index| 2 * index + 1)
}

/// The server has read everything that was sent before, when it answers this.
async fn settle(wire: &mut Wire) -> Vec<Frame> {
    wire.send([Frame::ping(*b"settled?", false)]).await;
    let mut before = Vec::new();
    loop {
        let frame = wire.next().await.expect("the server goes on");
        if frame == Frame::ping(*b"settled?", true) {
            return before;
        }
        before.push(frame);
    }
}

/// What the server announces.
async fn announced(wire: &mut Wire) -> BTreeMap<Setting, u32> {
    match wire.expect(Kind::SETTINGS).await.content() {
        Ok(Content::Settings(settings)) => settings.into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

/// Why the server ends the connection, and what it says with that.
async fn why(wire: &mut Wire) -> (Reason, Vec<u8>) {
    match wire.expect(Kind::GOAWAY).await.content() {
        Ok(Content::Goaway { reason, debug, .. }) => (reason, debug.into()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_server_announces_its_limits() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;

    let limits = [
        (Setting::MAX_CONCURRENT_STREAMS, 200),
        (Setting::INITIAL_WINDOW_SIZE, 1024 * 1024),
        (Setting::MAX_FRAME_SIZE, 16 * 1024),
        (Setting::MAX_HEADER_LIST_SIZE, 64 * 1024),
    ];
    assert_eq!(announced(&mut wire).await, BTreeMap::from(limits));
    // HTTP/2 begins with a window of 65,535 for the connection.
    let window = wire.expect(Kind::WINDOW_UPDATE).await;
    assert_eq!(window, Frame::window_update(0, 4 * 1024 * 1024 - 65_535));
}

#[tokio::test]
async fn what_the_server_announces_can_be_changed() {
    let server = serve_all(Server::new().max_concurrent_streams(7).fallback(silent())).await;
    let mut wire = Wire::open(server.addr).await;
    assert_eq!(announced(&mut wire).await[&Setting::MAX_CONCURRENT_STREAMS], 7);
}

/// A client that has been told how many calls it may have at once, which is 200.
async fn told(server: &traitwire_tests::Server) -> Wire {
    let mut wire = Wire::open(server.addr).await;
    announced(&mut wire).await;
    wire.send([Frame::settings_ack()]).await;
    wire
}

#[tokio::test]
async fn a_call_above_the_limit_of_streams_is_refused() {
    let server = serve_http(silent()).await;
    let mut wire = told(&server).await;
    wire.send(streams(201).map(request)).await;
    let refused = wire.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(401, Reason::REFUSED_STREAM));
}

/// It has 200 calls at any time, and the server still drops the handlers of those that it has reset.
#[tokio::test]
async fn who_resets_calls_and_begins_others_keeps_to_the_limit() {
    let server = serve_http(silent()).await;
    let mut wire = told(&server).await;
    wire.send(streams(200).map(request)).await;
    for round in 0..20 {
        let first = 400 * round + 1;
        let old = (0..200).map(|call| reset(first + 2 * call));
        let new = (0..200).map(|call| request(first + 400 + 2 * call));
        wire.send(old.chain(new)).await;
        let frames = settle(&mut wire).await;
        let bad = [Kind::RST_STREAM, Kind::GOAWAY];
        assert!(frames.iter().all(|frame| !bad.contains(&frame.kind)), "{frames:?}");
    }
}

/// As a proxy does that has just been started, and has calls for everybody.
#[tokio::test]
async fn who_does_not_know_the_limit_of_streams_yet_may_begin_five_times_as_many() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send(streams(1_000).map(request)).await;
    let before = settle(&mut wire).await;
    assert!(before.iter().all(|frame| frame.kind != Kind::RST_STREAM), "{before:?}");

    wire.send([request(2_001)]).await;
    let refused = wire.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(2_001, Reason::REFUSED_STREAM));
    // The calls that are there may end; another one is too many until then.
    wire.send([Frame::settings_ack()]).await;
    wire.send(streams(600).map(reset)).await;
    let between = settle(&mut wire).await;
    assert!(between.iter().all(|frame| frame.kind != Kind::GOAWAY), "{between:?}");
    wire.send([request(2_003)]).await;
    let refused = wire.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(2_003, Reason::REFUSED_STREAM));
}

#[tokio::test(start_paused = true)]
async fn who_never_says_that_it_knows_is_held_to_the_limit_after_ten_seconds() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send(streams(200).map(request)).await;
    settle(&mut wire).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    wire.send([request(401)]).await;
    let refused = wire.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(401, Reason::REFUSED_STREAM));
}

#[tokio::test]
async fn calls_that_are_reset_in_one_breath_end_the_connection() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send(streams(300).flat_map(|stream| [request(stream), reset(stream)])).await;
    let what = b"too_many_resets".to_vec();
    assert_eq!(why(&mut wire).await, (Reason::ENHANCE_YOUR_CALM, what));
    wire.rest().await;
}

#[tokio::test]
async fn all_calls_of_a_connection_may_be_given_up_at_once() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send(streams(200).map(request).chain(streams(200).map(reset))).await;
    let frames = settle(&mut wire).await;
    assert!(frames.iter().all(|frame| frame.kind != Kind::GOAWAY), "{frames:?}");
}

#[tokio::test]
async fn wrong_frames_are_counted_and_end_the_connection() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    // No method: the server resets the stream.
    let wrong = |stream| Frame::headers(stream, &POST[1..], false);
    wire.send(streams(1_024).map(wrong)).await;
    let frames = settle(&mut wire).await;
    assert!(frames.iter().any(|frame| frame.kind == Kind::RST_STREAM), "{frames:?}");
    assert!(frames.iter().all(|frame| frame.kind != Kind::GOAWAY), "{frames:?}");

    wire.send([wrong(2 * 1_024 + 1)]).await;
    let what = b"too_many_internal_resets".to_vec();
    assert_eq!(why(&mut wire).await, (Reason::ENHANCE_YOUR_CALM, what));
    wire.rest().await;
}

#[tokio::test]
async fn metadata_above_the_limit_is_refused_in_grpc_and_far_above_it_in_http() {
    let server = serve(Service::new().0).await;
    let socket = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let (caller, connection) = h2::client::handshake(socket).await.unwrap();
    tokio::spawn(connection);
    let ask = async |kib: usize| {
        let mut caller = caller.clone().ready().await.unwrap();
        let uri = format!("{}/proof.v1.Calls/Say", server.uri());
        let request = http::Request::post(uri).header("content-type", "application/grpc");
        let request = request.header("filler", "x".repeat(kib * 1024)).body(()).unwrap();
        let (answer, _) = caller.send_request(request, true).unwrap();
        answer.await.unwrap()
    };
    let answer = ask(17).await;
    assert_eq!(answer.status(), http::StatusCode::OK);
    assert_eq!(answer.headers()["grpc-status"], "8");
    let message = answer.headers()["grpc-message"].to_str().unwrap();
    assert!(message.ends_with("bytes, and the limit is 16384"), "{message}");

    let answer = ask(65).await;
    assert_eq!(answer.status(), http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_answers_no_ping_is_gone_after_80_seconds() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send([request(1)]).await;
    let start = Instant::now();
    wire.expect(Kind::PING).await;
    assert_eq!(start.elapsed().as_secs(), 60);
    wire.rest().await;
    assert_eq!(start.elapsed().as_secs(), 80);
}

/// On one thread: a connection that never waits would stop all others.
#[tokio::test(start_paused = true)]
async fn without_a_limit_a_caller_who_answers_no_ping_stays_and_is_asked_once() {
    let server = Server::new().keepalive(Duration::ZERO, Duration::MAX).add(Service::new().0);
    let server = serve_all(server.max_connection_idle(Duration::MAX)).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send([request(1)]).await;
    wire.expect(Kind::PING).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    let client = CallsClient::new(server.connect().await);
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn no_time_to_be_idle_is_no_time_to_spend() {
    let server = Server::new().max_connection_idle(Duration::ZERO).add(Service::new().0);
    let server = serve_all(server).await;
    let mut wire = Wire::open(server.addr).await;
    wire.expect(Kind::GOAWAY).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_answers_stays() {
    let server = serve_http(silent()).await;
    let mut wire = Wire::open(server.addr).await;
    let start = Instant::now();
    for _ in 0..10 {
        let ping = wire.expect(Kind::PING).await;
        wire.send([Frame { flags: flags::ACK, ..ping }]).await;
    }
    assert!(start.elapsed() >= Duration::from_secs(600));
}
