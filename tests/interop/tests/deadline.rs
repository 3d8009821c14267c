//! The case that stock tonic fails against itself, and how.

use crate::peers::Peer;

const CASE: &str = "timeout_on_sleeping_server";

#[tokio::test]
async fn ours_passes_timeout_on_sleeping_server() {
    for server in [Peer::Ours, Peer::Stock] {
        let running = server.serve().await;
        let outcomes = Peer::Ours.call(running.port, &[CASE]).await;
        assert_eq!(outcomes, [Ok(())], "against {}", server.name());
    }
}

/// Its deadline ends with the headers of the answer, on both sides, and is called CANCELLED before.
#[tokio::test]
async fn stock_tonic_fails_timeout_on_sleeping_server_against_itself() {
    let running = Peer::Stock.serve().await;
    let outcomes = Peer::Stock.call(running.port, &[CASE]).await;
    let reason = outcomes[0].as_ref().unwrap_err();
    let known = [
        "nothing came within 1 s",
        "the call failed with Cancelled, \"Timeout expired\", not with DeadlineExceeded",
    ];
    assert!(known.contains(&reason.as_str()), "{reason}");
}
