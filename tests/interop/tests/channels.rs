//! Each client over the channel of the other: ours over tonic's, and the one that tonic generates over
//! ours.

use interop::{
    cases::{CASES, Ours, Stack, Stock},
    service, stock,
};
use tonic::transport;
use traitwire::Channel;
use traitwire_tests::serve_http;

use crate::outcome;

async fn passes<S: Stack>(cases: impl Fn(&str) -> bool) {
    for server in [serve_http(service::server()).await, serve_http(stock::server()).await] {
        for case in CASES.iter().filter(|case| cases(case)) {
            assert_eq!(outcome::<S>(&server, case).await, Ok(()), "{case}");
        }
    }
}

#[tokio::test]
async fn our_client_passes_over_the_channel_of_tonic() {
    passes::<Ours<transport::Channel>>(|_| true).await;
}

/// Its deadline is no deadline of a call, which `deadline.rs` shows.
#[tokio::test]
async fn the_client_of_stock_tonic_passes_over_our_channel() {
    passes::<Stock<Channel>>(|case| case != "timeout_on_sleeping_server").await;
}
