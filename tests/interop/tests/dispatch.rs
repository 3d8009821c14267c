//! Each case against the server of example 19, which is ours from the socket to the status.
//!
//! It unpacks messages before a service sees them, as grpc-go's server does. So no service of its
//! can tell how a message came, and the two cases that want to know fail, as with grpc-go.

use interop::{
    cases::{CASES, Ours, Stack, Stock},
    contract::TEST_SERVICE,
    service,
};
use server_dispatch::Server as Dispatch;
use traitwire_tests::{Server, serve_dispatch};

use crate::{outcome, peers::Peer};

/// The cases that fail, and how.
const FAIL: [&str; 2] = ["client_compressed_unary", "client_compressed_streaming"];
const NOT_COMPRESSED: &str =
    "the call failed with InvalidArgument, \"the message is not compressed\"";

/// What a client ends by a timer of its own, which may be faster and have another name for it.
const TIMER: &str = "timeout_on_sleeping_server";

pub(crate) async fn server(workers: usize) -> Server {
    let server = Dispatch::new().num_stream_workers(workers);
    serve_dispatch(server.register_service(&TEST_SERVICE, service::server())).await
}

async fn every_case_but<S: Stack>(skipped: &[&str]) {
    for workers in [0, 2] {
        let server = server(workers).await;
        for case in CASES.iter().filter(|case| !skipped.contains(case)) {
            let expected = match FAIL.contains(case) {
                true => Err(NOT_COMPRESSED.to_owned()),
                false => Ok(()),
            };
            assert_eq!(outcome::<S>(&server, case).await, expected, "{case}, {workers} workers");
        }
    }
}

#[tokio::test]
async fn our_client_passes() {
    every_case_but::<Ours>(&[]).await;
}

#[tokio::test]
async fn the_client_of_stock_tonic_passes() {
    every_case_but::<Stock>(&[TIMER]).await;
}

/// It has no case with compression; two more of its cases are unsteady, as `pairings.md` says.
#[tokio::test]
async fn go_calls_the_server_of_example_19() {
    if !Peer::Go.installed() {
        return;
    }
    let cases: Vec<_> = CASES
        .iter()
        .copied()
        .filter(|case| {
            !case.contains("compressed") && ![TIMER, "cancel_after_begin"].contains(case)
        })
        .collect();
    let server = server(2).await;
    let outcomes = Peer::Go.call(server.addr.port(), &cases).await;
    for (case, outcome) in cases.iter().zip(outcomes) {
        assert_eq!(outcome, Ok(()), "{case}");
    }
}
