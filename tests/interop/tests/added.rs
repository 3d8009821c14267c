//! The service as users serve it: added to our server, with nothing around it. A call then never becomes
//! a request of HTTP's types, so it takes another way through the server than behind the layer.

use interop::{contract::TestServiceServer, service::TestServer};
use traitwire_tests::serve;

use crate::peers::Peer;

/// The cases that every client has and that need no layer.
const CASES: [&str; 12] = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_first_response",
];

#[tokio::test]
async fn a_service_that_was_added_passes_with_every_client() {
    let server = serve(TestServiceServer::new(TestServer::new())).await;
    for client in Peer::ALL.into_iter().filter(|client| client.installed()) {
        let outcomes = client.call(server.addr.port(), &CASES).await;
        for (case, outcome) in CASES.iter().zip(outcomes) {
            assert_eq!(outcome, Ok(()), "{}, {case}", client.name());
        }
    }
}
