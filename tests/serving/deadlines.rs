//! How long calls may take: what their callers ask for, and what the server allows.

use std::time::Duration;

use http_body_util::Full;
use tokio::time::Instant;
use tower::{Service, layer::util::Identity};
use traitwire::{CallOptions, Code, InProcess, Incoming, Server, ServiceOptions};
use traitwire_tests::{serve_all, serve_with};

use crate::{
    caller::{Begun, Caller, framed},
    shapes::{EACH, Event, Handlers, Shapes, ShapesClient},
};

const HOUR: &[(&str, &str)] = &[("grpc-timeout", "1H")];
const SECOND: &[(&str, &str)] = &[("grpc-timeout", "1S")];

/// When a call ends, which must be by its deadline.
async fn expires(call: Begun) -> u64 {
    let start = Instant::now();
    assert_eq!(call.end().await, (Code::DeadlineExceeded, "deadline exceeded".to_owned()));
    start.elapsed().as_secs()
}

/// When a call of each shape ends with this server, whose callers say this, and go on for ever.
async fn each_expires(server: Server, headers: &[(&str, &str)]) -> [u64; 4] {
    each_expires_with(server, ServiceOptions::new(), headers).await
}

/// The same with options of the service.
async fn each_expires_with(
    server: Server,
    options: ServiceOptions,
    headers: &[(&str, &str)],
) -> [u64; 4] {
    let (service, mut told) = Handlers::new();
    let server = serve_with(server, service.with(options)).await;
    let caller = Caller::connect(server.addr).await;
    let mut took = [0; 4];
    for (path, took) in EACH.iter().zip(&mut took) {
        let mut call = caller.begin(path, headers).await;
        let ends = path.ends_with("One") || path.ends_with("Answers");
        call.request.send_data(framed(&[]), ends).unwrap();
        told.all(1, Event::Begun).await;
        *took = expires(call).await;
        told.all(1, Event::Dropped).await;
    }
    took
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn who_sets_no_deadline_has_that_of_the_server() {
    assert_eq!(each_expires(Server::new().default_timeout(seconds(7)), &[]).await, [7; 4]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_an_hour_gets_what_the_server_allows() {
    assert_eq!(each_expires(Server::new().max_timeout(seconds(9)), HOUR).await, [9; 4]);
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_is_also_that_of_who_sets_no_deadline() {
    assert_eq!(each_expires(Server::new().max_timeout(seconds(9)), &[]).await, [9; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_service_may_say_otherwise_than_its_server() {
    for layered in [false, true] {
        let server = || {
            let server = Server::new().default_timeout(seconds(7)).max_timeout(seconds(9));
            if layered { server.layer(Identity::new()) } else { server }
        };
        let long = ServiceOptions::new().default_timeout(Duration::MAX).max_timeout(seconds(20));
        assert_eq!(each_expires_with(server(), long.clone(), &[]).await, [20; 4]);
        assert_eq!(each_expires_with(server(), long, HOUR).await, [20; 4]);
        let short = ServiceOptions::new().default_timeout(seconds(2));
        assert_eq!(each_expires_with(server(), short.clone(), &[]).await, [2; 4]);
        assert_eq!(each_expires_with(server(), short, HOUR).await, [9; 4]);
    }
}

/// By every door.
#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_up_at_once_does_not_begin() {
    const NONE: &[(&str, &str)] = &[("grpc-timeout", "0n")];
    for (server, headers) in [
        (Server::new(), NONE),
        (Server::new().layer(Identity::new()), NONE),
        (Server::new().max_timeout(Duration::ZERO), HOUR),
        (Server::new().default_timeout(Duration::ZERO), &[]),
        (Server::new().layer(Identity::new()).max_timeout(Duration::ZERO), HOUR),
    ] {
        let (service, mut told) = Handlers::new();
        let server = serve_with(server, service).await;
        let caller = Caller::connect(server.addr).await;
        for path in EACH {
            let took = expires(caller.call(path, headers, &[]).await).await;
            assert_eq!(took, 0, "{path} {headers:?}");
        }
        told.nothing();
    }
    let (mut service, mut told) = Handlers::new();
    for path in EACH {
        let request = http::Request::post(path).header("content-type", "application/grpc");
        let body = Full::new(framed(&[]));
        let request = request.header(NONE[0].0, NONE[0].1).body(body).unwrap();
        let answer = service.call(request).await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], "4");
    }
    let client = ShapesClient::new(InProcess::new(service));
    let client = client.with(CallOptions::new().timeout(Duration::ZERO));
    assert_eq!(client.one().await.unwrap_err().code(), Code::DeadlineExceeded);
    let answer = client.answers().message().await;
    assert_eq!(answer.unwrap_err().code(), Code::DeadlineExceeded);
    told.nothing();
}

#[tokio::test(start_paused = true)]
async fn both_limits_go_together() {
    let server = || Server::new().default_timeout(seconds(7)).max_timeout(seconds(9));
    assert_eq!(each_expires(server(), &[]).await, [7; 4]);
    assert_eq!(each_expires(server(), HOUR).await, [9; 4]);
    let server = Server::new().default_timeout(seconds(20)).max_timeout(seconds(9));
    assert_eq!(each_expires(server, &[]).await, [9; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_shorter_deadline_of_the_caller_wins() {
    let server = || Server::new().default_timeout(seconds(7)).max_timeout(seconds(9));
    assert_eq!(each_expires(server(), SECOND).await, [1; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_take_longer_than_who_asks_for_nothing() {
    let server = Server::new().default_timeout(seconds(2));
    assert_eq!(each_expires(server, &[("grpc-timeout", "8S")]).await, [8; 4]);
}

#[tokio::test(start_paused = true)]
async fn behind_a_layer_the_limits_are_the_same() {
    let server =
        || Server::new().layer(Identity::new()).default_timeout(seconds(7)).max_timeout(seconds(9));
    assert_eq!(each_expires(server(), &[]).await, [7; 4]);
    assert_eq!(each_expires(server(), HOUR).await, [9; 4]);
    assert_eq!(each_expires(server(), SECOND).await, [1; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_come_has_the_same_deadline() {
    for server in [Server::new(), Server::new().layer(Identity::new())] {
        let server = serve_with(server.default_timeout(seconds(7)), Handlers::new().0).await;
        let caller = Caller::connect(server.addr).await;
        assert_eq!(expires(caller.begin(EACH[0], &[]).await).await, 7);
        let mut half = caller.begin(EACH[0], &[]).await;
        half.request.send_data(framed(b"half").slice(..7), false).unwrap();
        assert_eq!(expires(half).await, 7);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_is_ended_too() {
    let silent = || {
        tower::service_fn(|_: http::Request<Incoming>| {
            std::future::pending::<Result<http::Response<tonic::body::Body>, tonic::Status>>()
        })
    };
    for server in
        [Server::new().fallback(silent()), Server::new().fallback(silent()).layer(Identity::new())]
    {
        let server = serve_all(server.default_timeout(seconds(7)).max_timeout(seconds(9))).await;
        let caller = Caller::connect(server.addr).await;
        for (headers, took) in [(&[][..], 7), (HOUR, 9), (SECOND, 1)] {
            let call = caller.call("/some.Service/Method", headers, &[]).await;
            assert_eq!(expires(call).await, took);
        }
    }
}

/// When a call ends whose caller makes no room for the answer, of which more waits than fits.
async fn unread(server: Server, path: &str) -> u64 {
    let server = serve_with(server, Handlers::new().0).await;
    let caller = Caller::deaf(server.addr).await;
    let call = caller.call(path, SECOND, &[]).await;
    let start = Instant::now();
    let answer = call.answered().await;
    // It is an answer that has begun.
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(answer.end().await.0, Code::DeadlineExceeded);
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_caller_does_not_read_is_ended_in_its_trailers() {
    assert_eq!(unread(Server::new(), "/proof.v1.Shapes/Pour").await, 1);
    assert_eq!(unread(Server::new().layer(Identity::new()), "/proof.v1.Shapes/Pour").await, 1);
}

/// The handler has ended long ago.
#[tokio::test(start_paused = true)]
async fn a_message_that_its_caller_does_not_read_waits_until_the_deadline() {
    assert_eq!(unread(Server::new(), "/proof.v1.Shapes/Large").await, 1);
    assert_eq!(unread(Server::new().layer(Identity::new()), "/proof.v1.Shapes/Large").await, 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_the_deadline_stays() {
    let server = serve_with(Server::new(), Handlers::new().0).await;
    let caller = Caller::connect(server.addr).await;
    let mut answer = caller.call(EACH[1], SECOND, &[]).await.answered().await;
    assert_eq!(answer.data().await, framed(&[]));
    assert_eq!(answer.end().await.0, Code::DeadlineExceeded);
}
