//! How the calls and the connections end that a server does not wait for.

use std::{future::pending, time::Duration};

use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use tower::layer::util::Identity;
use traitwire::{
    Code, Placement, Request, Server, ServiceOptions, Status, Stream, service, stream_fn,
};
use traitwire_tests::{
    frames::{Content, Frame, Kind, POST, PREFACE, Reason, Wire, field, flags},
    serve, serve_all, serve_with,
};

use crate::{
    caller::{Begun, Caller, framed, settle},
    contract::{Calls, CallsClient, Service},
    shapes::{EACH, Event, Handlers, Shapes, ShapesClient, Told},
};

/// A call of each shape, whose handler has begun.
async fn begin_each(caller: &Caller, told: &mut Told) -> Vec<Begun> {
    let mut calls = Vec::new();
    for path in EACH {
        let mut call = caller.begin(path, &[]).await;
        let ends = path.ends_with("One") || path.ends_with("Answers");
        call.request.send_data(framed(&[]), ends).unwrap();
        told.all(1, Event::Begun).await;
        calls.push(call);
    }
    calls
}

fn shutting_down() -> (Code, String) {
    (Code::Unavailable, "the server is shutting down".to_owned())
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_end_of_the_drain_are_told_why_they_end() {
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let (service, mut told) = Handlers::new();
        let server = serve_with(server, service).await;
        let calls = begin_each(&Caller::connect(server.addr).await, &mut told).await;
        let start = Instant::now();
        drop(server);
        for call in calls {
            assert_eq!(call.end().await, shutting_down());
        }
        assert_eq!(start.elapsed(), Duration::from_secs(5));
        told.all(EACH.len(), Event::Dropped).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_caller_does_not_read_is_told_too() {
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let (service, mut told) = Handlers::new();
        let server = serve_with(server, service).await;
        let caller = Caller::deaf(server.addr).await;
        let calls = [
            caller.call("/proof.v1.Shapes/Pour", &[], &[]).await.answered().await,
            caller.call("/proof.v1.Shapes/Large", &[], &[]).await.answered().await,
        ];
        drop(server);
        for call in calls {
            assert_eq!(call.end().await, shutting_down());
        }
        told.all(1, Event::Begun).await;
        told.all(1, Event::Dropped).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_message_does_not_come_is_told_too() {
    let server = serve(Handlers::new().0).await;
    let call = Caller::connect(server.addr).await.begin(EACH[0], &[]).await;
    settle().await;
    drop(server);
    assert_eq!(call.end().await, shutting_down());
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_learns_of_the_end_ends_in_peace() {
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let server = serve_with(server, Handlers::new().0).await;
        let client = ShapesClient::new(server.connect().await);
        let mut call = client.farewell(Request::new(()));
        assert_eq!(call.message().await.unwrap(), Some(0));
        let start = Instant::now();
        drop(server);
        assert_eq!(call.message().await.unwrap(), Some(1));
        assert_eq!(call.message().await.unwrap(), None);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

/// Its handlers hold what panics when it is dropped.
#[service(package = "proof.v1")]
trait Bombs {
    async fn one(&self) -> Result<(), Status>;
    fn many(&self) -> impl Stream<Item = Result<(), Status>>;
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the handler panics, as the test wants it to");
    }
}

impl Bombs for () {
    async fn one(&self) -> Result<(), Status> {
        let _bomb = Bomb;
        pending().await
    }

    fn many(&self) -> impl Stream<Item = Result<(), Status>> {
        stream_fn(async |mut out| {
            let _bomb = Bomb;
            out.send(()).await?;
            pending().await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_when_it_is_dropped_ends_as_another_would() {
    for placement in [Placement::Connection, Placement::Task] {
        for server in [Server::new(), Server::new().layer(Identity::new())] {
            let bombs = BombsServer::new(()).with(ServiceOptions::new().placement(placement));
            let server = serve_all(server.add(bombs).add(Service::new().0)).await;
            let caller = Caller::connect(server.addr).await;
            let mut running = Vec::new();
            for path in ["/proof.v1.Bombs/One", "/proof.v1.Bombs/Many"] {
                let call = caller.call(path, &[("grpc-timeout", "1S")], &[]).await;
                assert_eq!(call.end().await.0, Code::DeadlineExceeded);
                let mut left = caller.begin(path, &[]).await;
                left.request.send_data(framed(&[]), false).unwrap();
                settle().await;
                left.request.send_reset(h2::Reason::CANCEL);
                running.push(caller.call(path, &[], &[]).await);
            }
            let call = caller.call("/proof.v1.Calls/Say", &[], &[]).await;
            assert_eq!(call.end().await.0, Code::Ok);
            drop(server);
            for call in running {
                assert_eq!(call.end().await, shutting_down());
            }
        }
    }
}

/// What stands in the GOAWAY that comes next.
async fn goaway(wire: &mut Wire) -> (u32, Reason) {
    match wire.expect(Kind::GOAWAY).await.content() {
        Ok(Content::Goaway { last_stream, reason, .. }) => (last_stream, reason),
        other => panic!("{other:?}"),
    }
}

/// How a connection that is ended in peace is: all calls that are on their way are let in.
const SOON: (u32, Reason) = (0x7fff_ffff, Reason::NO_ERROR);

/// Answers each PING, as clients do, until the server ends the connection.
pub(crate) async fn closes(wire: &mut Wire) {
    while let Some(frame) = wire.next().await {
        if frame.kind == Kind::PING && !frame.has(flags::ACK) {
            wire.send([Frame { flags: flags::ACK, ..frame }]).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_at_its_age() {
    let seconds = Duration::from_secs;
    for grace in [Duration::ZERO, seconds(5), Duration::MAX] {
        let server = Server::new().max_connection_age(seconds(30), grace);
        let server = serve_with(server, Service::new().0).await;
        let mut wire = Wire::open(server.addr).await;
        let start = Instant::now();
        assert_eq!(goaway(&mut wire).await, SOON);
        assert_eq!(start.elapsed().as_secs(), 30);
        closes(&mut wire).await;
        assert_eq!(start.elapsed().as_secs(), 30);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_go_on_after_the_age_for_the_grace_and_no_longer() {
    let age = (Duration::from_secs(30), Duration::from_secs(20));
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let (service, mut told) = Handlers::new();
        let server = serve_with(server.max_connection_age(age.0, age.1), service).await;
        let start = Instant::now();
        let calls = begin_each(&Caller::connect(server.addr).await, &mut told).await;
        for call in calls {
            let why = "the connection has reached its age".to_owned();
            assert_eq!(call.end().await, (Code::Unavailable, why));
            assert_eq!(start.elapsed().as_secs(), 50);
        }
        told.all(EACH.len(), Event::Dropped).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_within_the_grace_is_served_to_its_end() {
    let age = (Duration::from_secs(30), Duration::from_secs(20));
    let (service, test) = Service::new();
    let server = serve_with(Server::new().max_connection_age(age.0, age.1), service).await;
    let client = CallsClient::new(server.connect().await);
    let mut call = client.wait();
    assert_eq!(call.message().await.unwrap(), Some(0));
    sleep(Duration::from_secs(40)).await;
    test.permits.add_permits(1);
    assert_eq!(call.message().await.unwrap(), Some(1));
    assert_eq!(call.message().await.unwrap(), None);
    // By a connection anew.
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_uses_is_closed() {
    let server = Server::new().max_connection_idle(Duration::from_secs(25));
    let server = serve_with(server, Service::new().0).await;
    let mut wire = Wire::open(server.addr).await;
    let start = Instant::now();
    assert_eq!(goaway(&mut wire).await, SOON);
    closes(&mut wire).await;
    assert_eq!(start.elapsed().as_secs(), 25);
}

/// What a caller sends that calls this, with an empty message.
fn request(stream: u32, path: &str) -> [Frame; 2] {
    let head = [&POST[..2], &field(4, path), &field(31, "application/grpc")].concat();
    [Frame::headers(stream, head, false), Frame::data(stream, framed(&[]), true)]
}

/// It answers no PING, by which the server learns that it has seen the GOAWAY.
#[tokio::test(start_paused = true)]
async fn who_does_not_acknowledge_its_goodbye_is_closed_five_seconds_later() {
    let seconds = Duration::from_secs;
    for server in [
        Server::new().max_connection_age(seconds(30), Duration::MAX),
        Server::new().max_connection_idle(seconds(30)),
    ] {
        let server = serve_with(server, Service::new().0).await;
        let mut wire = Wire::open(server.addr).await;
        let start = Instant::now();
        assert_eq!(goaway(&mut wire).await, SOON);
        assert_eq!(goaway(&mut wire).await, (0, Reason::NO_ERROR));
        wire.rest().await;
        assert_eq!(start.elapsed().as_secs(), 35);
    }
    // Nor does a server wait for it that ends, however long it would for its calls.
    let server = serve_with(Server::new().drain_timeout(seconds(600)), Service::new().0).await;
    let mut wire = Wire::open(server.addr).await;
    wire.expect(Kind::SETTINGS).await;
    let start = Instant::now();
    drop(server);
    wire.rest().await;
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_acknowledge_its_goodbye_begins_calls_for_five_seconds_more() {
    let age = Duration::from_secs(30);
    let (service, test) = Service::new();
    let server = Server::new().max_connection_age(age, Duration::MAX);
    let server = serve_with(server, service).await;
    let mut wire = Wire::open(server.addr).await;
    wire.send(request(1, "/proof.v1.Calls/Wait")).await;
    wire.expect(Kind::DATA).await;
    assert_eq!(goaway(&mut wire).await, SOON);
    sleep(Duration::from_secs(4)).await;
    wire.send(request(3, "/proof.v1.Calls/Say")).await;
    assert_eq!(wire.expect(Kind::DATA).await.stream, 3);
    sleep(Duration::from_secs(2)).await;
    wire.send(request(5, "/proof.v1.Calls/Say")).await;
    let refused = wire.expect(Kind::RST_STREAM).await;
    assert_eq!(refused, Frame::rst_stream(5, Reason::REFUSED_STREAM));

    // The call that runs goes on, and is the last.
    sleep(Duration::from_secs(60)).await;
    let start = Instant::now();
    test.permits.add_permits(1);
    assert_eq!(wire.expect(Kind::DATA).await.stream, 1);
    assert!(wire.expect(Kind::HEADERS).await.has(flags::END_STREAM));
    wire.rest().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_a_call_is_not_idle_and_its_time_begins_after_it() {
    let idle = Duration::from_secs(25);
    let (service, test) = Service::new();
    let server = serve_with(Server::new().max_connection_idle(idle), service).await;
    let caller = Caller::connect(server.addr).await;
    let start = Instant::now();
    let call = caller.call("/proof.v1.Calls/Wait", &[], &[]).await;
    sleep(Duration::from_secs(100)).await;
    test.permits.add_permits(1);
    assert_eq!(call.end().await.0, Code::Ok);
    assert_eq!(start.elapsed().as_secs(), 100);

    sleep(Duration::from_secs(20)).await;
    let call = caller.call("/proof.v1.Calls/Say", &[], &[]).await;
    assert_eq!(call.end().await.0, Code::Ok);
    assert!(timeout(Duration::from_secs(24), caller.closed()).await.is_err());
    caller.closed().await;
    assert_eq!(start.elapsed().as_secs(), 145);
}

#[tokio::test(start_paused = true)]
async fn who_has_not_begun_at_the_shutdown_is_closed_at_once() {
    let (service, mut told) = Handlers::new();
    let server = serve(service).await;
    // Another one keeps the server from ending.
    let call = Caller::connect(server.addr).await.call(EACH[0], &[], &[]).await;
    told.all(1, Event::Begun).await;
    let mut silent = Wire::connect(server.addr).await;
    let mut half = Wire::connect(server.addr).await;
    half.write(&PREFACE[..12]).await;
    settle().await;

    let start = Instant::now();
    drop(server);
    assert!(silent.rest().await.is_empty());
    assert!(half.rest().await.is_empty());
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(call.end().await, shutting_down());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_on_its_way_at_the_shutdown_is_served() {
    let (service, mut told) = Handlers::new();
    let server = serve_all(Server::new().add(service).add(Service::new().0)).await;
    let caller = Caller::connect(server.addr).await;
    let first = caller.call(EACH[0], &[], &[]).await;
    told.all(1, Event::Begun).await;
    // Its head is not on its way before this task waits.
    let call = caller.call("/proof.v1.Calls/Say", &[], &[]).await;
    let addr = server.addr;
    drop(server);
    assert_eq!(call.end().await.0, Code::Ok);
    assert!(TcpStream::connect(addr).await.is_err(), "the listener is closed");
    assert_eq!(first.end().await, shutting_down());
}
