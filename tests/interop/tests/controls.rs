//! The cases can fail: servers that are wrong do not pass them.

use std::{convert::Infallible, net::TcpListener};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use interop::{
    cases::{CASES, Ours, Stack, Stock},
    contract::TestServiceServer,
    service::TestServer,
};
use tonic::{Status, body::Body};
use tower::{Service, service_fn};
use traitwire::Incoming;
use traitwire::{Compression::Gzip, ServiceOptions};
use traitwire_tests::{Server, serve, serve_http};

use crate::{outcome, outcome_at, peers::Peer};

/// The client itself ends these, and may be faster than any answer.
const ENDED_BY_CLIENT: [&str; 2] = ["cancel_after_begin", "timeout_on_sleeping_server"];

/// The cases that a server passes, of those that its answers decide.
async fn passed<S: Stack>(server: &Server) -> Vec<&'static str> {
    let mut passed = Vec::new();
    for case in CASES.iter().filter(|case| !ENDED_BY_CLIENT.contains(case)) {
        if outcome::<S>(server, case).await.is_ok() {
            passed.push(*case);
        }
    }
    passed
}

/// A server without services.
pub(crate) fn nothing<Q: Send + 'static>()
-> impl Service<Request<Q>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    service_fn(async |_: Request<Q>| Ok(Status::unimplemented("nothing is here").into_http()))
}

#[tokio::test]
async fn a_server_without_services_passes_what_is_about_them() {
    let server = serve_http(nothing()).await;
    let expected = ["unimplemented_method", "unimplemented_service"];
    assert_eq!(passed::<Ours>(&server).await, expected);
    assert_eq!(passed::<Stock>(&server).await, expected);
}

#[tokio::test]
async fn a_server_of_empty_messages_passes_the_empty_case() {
    let server = serve_http(service_fn(async |_: Request<Incoming>| {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        let body = Full::new(Bytes::from_static(&[0; 5]));
        let body = body.with_trailers(std::future::ready(Some(Ok(trailers))));
        let response = Response::builder().header("content-type", "application/grpc");
        Ok::<_, Infallible>(response.body(Body::new(body)).expect("a valid header"))
    }))
    .await;
    assert_eq!(passed::<Ours>(&server).await, ["empty_unary"]);
    assert_eq!(passed::<Stock>(&server).await, ["empty_unary"]);
}

/// What the layer is for.
#[tokio::test]
async fn a_server_without_the_layer_fails_what_handlers_cannot_know() {
    let options = ServiceOptions::new().accept_compressed(Gzip).send_compressed(Gzip);
    let server = serve(TestServiceServer::new(TestServer::new()).with(options)).await;
    let passed = passed::<Ours>(&server).await;
    let failed: Vec<_> = CASES
        .iter()
        .filter(|case| !passed.contains(*case) && !ENDED_BY_CLIENT.contains(case))
        .copied()
        .collect();
    assert_eq!(
        failed,
        [
            "client_compressed_unary",
            "server_compressed_unary",
            "client_compressed_streaming",
            "server_compressed_streaming",
        ]
    );
}

#[tokio::test]
async fn nothing_passes_at_a_closed_port() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for case in CASES {
        let outcome = outcome_at::<Ours>(&format!("http://{closed}"), case).await;
        assert!(outcome.unwrap_err().contains("cannot connect"), "{case}");
    }
}

/// What a client cannot pass with a server that has no service; the last is no case at all.
const NEED_A_SERVICE: [&str; 15] = [
    "empty_unary",
    "large_unary",
    "client_compressed_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "cancel_after_first_response",
    "pick_first_unary",
    "rpc_soak",
    "channel_soak",
    "unheard_of",
];

async fn fails_without_a_service(client: Peer) {
    if !client.installed() {
        return;
    }
    let server = serve_http(nothing()).await;
    let outcomes = client.call(server.addr.port(), &NEED_A_SERVICE).await;
    for (case, outcome) in NEED_A_SERVICE.iter().zip(outcomes) {
        assert_ne!(outcome, Ok(()), "{case}");
    }
}

#[tokio::test]
async fn the_client_of_grpc_go_fails_without_a_service() {
    fails_without_a_service(Peer::Go).await;
}

#[tokio::test]
async fn the_client_on_grpcio_fails_without_a_service() {
    fails_without_a_service(Peer::Python).await;
}

#[tokio::test]
async fn the_client_on_grpc_js_fails_without_a_service() {
    fails_without_a_service(Peer::Node).await;
}

#[tokio::test]
async fn the_client_on_grpc_java_fails_without_a_service() {
    fails_without_a_service(Peer::Java).await;
}

/// grpc-go's client would wait for a connection without end.
#[tokio::test]
async fn clients_in_other_languages_fail_at_a_closed_port() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for client in [Peer::Python, Peer::Node, Peer::Java] {
        if client.installed() {
            let outcomes = client.call(closed, &["empty_unary", "ping_pong"]).await;
            assert!(outcomes.iter().all(Result::is_err), "{}: {outcomes:?}", client.name());
        }
    }
}
