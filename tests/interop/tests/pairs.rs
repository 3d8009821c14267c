//! Each case with each pair of a client and a server: ours, and stock tonic's.
//!
//! Stock tonic has the same layers as ours, so that a difference is one of the libraries. There is
//! one: `timeout_on_sleeping_server`.

use interop::{
    cases::{CASES, Ours, Stack, Stock},
    service, stock,
};
use traitwire_tests::{Server, serve};

use crate::outcome;

async fn ours() -> Server {
    serve(service::server()).await
}

async fn stock() -> Server {
    serve(stock::server()).await
}

async fn passes<S: Stack>(server: Server, case: &str) {
    if let Err(reason) = outcome::<S>(&server, case).await {
        panic!("{case}: {reason}");
    }
}

/// Makes a test of each case with one pair.
macro_rules! pair {
    ($pair:ident: $client:ident, $server:ident, [$($case:ident)*]) => {
        mod $pair {
            $(
                #[tokio::test]
                async fn $case() {
                    super::passes::<super::$client>(super::$server().await, stringify!($case)).await;
                }
            )*
        }
    };
}

/// Makes a test of each case with each pair, and a list of the cases.
macro_rules! every_pair {
    ([$($case:ident)*]) => {
        pair!(ours_to_ours: Ours, ours, [$($case)* timeout_on_sleeping_server]);
        pair!(ours_to_stock: Ours, stock, [$($case)* timeout_on_sleeping_server]);
        pair!(stock_to_ours: Stock, ours, [$($case)*]);
        pair!(stock_to_stock: Stock, stock, [$($case)*]);
        const TRIED: &[&str] = &[$(stringify!($case),)* "timeout_on_sleeping_server"];
    };
}

every_pair!([
    empty_unary
    large_unary
    client_compressed_unary
    server_compressed_unary
    client_streaming
    client_compressed_streaming
    server_streaming
    server_compressed_streaming
    ping_pong
    empty_stream
    custom_metadata
    status_code_and_message
    special_status_message
    unimplemented_method
    unimplemented_service
    cancel_after_begin
    cancel_after_first_response
    pick_first_unary
    rpc_soak
    channel_soak
]);

#[test]
fn every_case_is_tried() {
    let mut tried = TRIED.to_vec();
    let mut all = CASES.to_vec();
    tried.sort_unstable();
    all.sort_unstable();
    assert_eq!(tried, all);
}

/// Its deadline ends with the headers of the answer, on both sides, and is called CANCELLED before.
#[tokio::test]
async fn stock_to_stock_fails_timeout_on_sleeping_server() {
    let reason = outcome::<Stock>(&stock().await, "timeout_on_sleeping_server").await.unwrap_err();
    let known = ["nothing came within 1 s", TIMER];
    assert!(known.contains(&reason.as_str()), "{reason}");
}

/// Our server ends the call, and says DEADLINE_EXCEEDED; unless stock's own timer is faster.
#[tokio::test]
async fn stock_to_ours_ends_timeout_on_sleeping_server() {
    let outcome = outcome::<Stock>(&ours().await, "timeout_on_sleeping_server").await;
    assert!(outcome.is_ok() || outcome == Err(TIMER.to_owned()), "{outcome:?}");
}

const TIMER: &str =
    "the call failed with Cancelled, \"Timeout expired\", not with DeadlineExceeded";
