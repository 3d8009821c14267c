//! What a server shows of its connections and calls.

use std::time::Duration;

use tokio::time::{advance, sleep};
use traitwire::{ConnectionSnapshot, Monitor, Server};
use traitwire_tests::serve_all;

use crate::{
    caller::{Caller, settle},
    contract::{Calls, CallsClient, Service},
};

/// The one connection that there is.
fn only(monitor: &Monitor) -> ConnectionSnapshot {
    let mut connections = monitor.snapshot().connections;
    assert_eq!(connections.len(), 1, "{connections:?}");
    connections.remove(0)
}

/// How many calls have begun, have succeeded, have failed, and run.
fn counts(connection: &ConnectionSnapshot) -> [u64; 4] {
    let ConnectionSnapshot { calls_started, calls_succeeded, calls_failed, .. } = *connection;
    [calls_started, calls_succeeded, calls_failed, connection.running.len() as u64]
}

#[tokio::test(start_paused = true)]
async fn calls_are_shown_while_they_run_the_oldest_first() {
    let monitor = Monitor::new();
    assert!(monitor.snapshot().connections.is_empty());
    let (service, test) = Service::new();
    let server = serve_all(Server::new().add(service).monitor(&monitor)).await;
    let caller = Caller::connect(server.addr).await;
    let wait = caller.call("/proof.v1.Calls/Wait", &[], &[]).await.answered().await;
    advance(Duration::from_secs(3)).await;
    let hold = caller.call("/proof.v1.Calls/Hold", &[], &[]).await.answered().await;
    advance(Duration::from_secs(2)).await;

    let connection = only(&monitor);
    assert_eq!(connection.peer.addr(), Some(caller.addr));
    assert!(connection.age >= Duration::from_secs(5));
    let running = connection.running.iter().map(|it| (it.path, it.age.as_secs(), it.waiting));
    let expected = [("/proof.v1.Calls/Wait", 5, 0), ("/proof.v1.Calls/Hold", 2, 0)];
    assert_eq!(running.collect::<Vec<_>>(), expected);

    test.permits.add_permits(1);
    wait.end().await;
    settle().await;
    assert_eq!(counts(&only(&monitor)), [2, 1, 0, 1]);
    // Its caller leaves.
    drop(hold);
    settle().await;
    assert_eq!(counts(&only(&monitor)), [2, 1, 1, 0]);
    drop(caller);
    settle().await;
    assert!(monitor.snapshot().connections.is_empty(), "it has ended");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_read_is_seen_by_what_waits_for_it() {
    let monitor = Monitor::new();
    let server = serve_all(Server::new().add(Service::new().0).monitor(&monitor)).await;
    let deaf = Caller::deaf(server.addr).await;
    let _flood = deaf.call("/proof.v1.Calls/Flood", &[], &[]).await.answered().await;
    settle().await;
    let [call] = only(&monitor).running[..] else { panic!("one runs: {:?}", monitor.snapshot()) };
    assert!(call.waiting >= 64 * 1024, "{call:?}");
}

#[tokio::test]
async fn what_is_refused_has_failed_and_a_place_is_taken_again() {
    let monitor = Monitor::new();
    // As many places as calls.
    let server = Server::new().max_concurrent_streams(2).monitor(&monitor);
    let server = serve_all(server.add(Service::new().0)).await;
    let client = CallsClient::new(server.connect().await);
    for _ in 0..100 {
        client.say("hello".to_owned()).await.unwrap();
    }
    let caller = Caller::connect(server.addr).await;
    caller.call("/proof.v1.Calls/Nothing", &[], &[]).await.end().await;
    // A call is over for its caller a moment before it is for the server.
    while monitor.snapshot().connections.iter().any(|it| !it.running.is_empty()) {
        sleep(Duration::from_millis(1)).await;
    }
    let connections = monitor.snapshot().connections;
    assert_eq!(counts(&connections[0]), [100, 100, 0, 0]);
    assert_eq!(counts(&connections[1]), [1, 0, 1, 0]);
}
