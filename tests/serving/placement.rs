//! Where handlers run: in the task of their connection, or in one of their own.

use std::{collections::HashSet, time::Duration};

use tokio::task::yield_now;
use traitwire::{Placement, ServiceOptions, Status, Stream, service, stream_fn};
use traitwire_tests::{Server, serve, skipped};

/// Each tells the task in which it runs first.
#[service(package = "proof.v1")]
trait Places {
    /// It ends at once.
    async fn quick(&self) -> Result<String, Status>;

    /// It computes.
    async fn slow(&self) -> Result<String, Status>;

    /// It waits, and tells both tasks.
    async fn waits(&self) -> Result<Vec<u8>, Status>;

    /// As a stream.
    fn stream(&self) -> impl Stream<Item = Result<String, Status>>;
}

struct Place;

/// No two tasks have one, not even one after the other.
fn task() -> String {
    tokio::task::id().to_string()
}

impl Places for Place {
    async fn quick(&self) -> Result<String, Status> {
        Ok(task())
    }

    async fn slow(&self) -> Result<String, Status> {
        std::thread::sleep(Duration::from_millis(2));
        Ok(task())
    }

    async fn waits(&self) -> Result<Vec<u8>, Status> {
        let before = task();
        yield_now().await;
        Ok(format!("{before} {}", task()).into_bytes())
    }

    fn stream(&self) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async |mut out| Ok(out.send(task()).await?))
    }
}

async fn serve_in(placement: Placement) -> (Server, PlacesClient) {
    let options = ServiceOptions::new().placement(placement);
    let server = serve(PlacesServer::new(Place).with(options)).await;
    let client = PlacesClient::new(server.connect().await);
    (server, client)
}

/// The tasks in which a handler began that then waited, and in which it went on.
async fn around_a_wait(client: &PlacesClient) -> (String, String) {
    let tasks = String::from_utf8(client.waits().await.unwrap()).unwrap();
    let (before, after) = tasks.split_once(' ').unwrap();
    (before.to_owned(), after.to_owned())
}

#[tokio::test]
async fn in_the_connection_all_calls_begin_in_one_task() {
    let (server, client) = serve_in(Placement::Connection).await;
    let connection = client.quick().await.unwrap();
    for _ in 0..20 {
        assert_eq!(client.quick().await.unwrap(), connection);
        assert_eq!(client.slow().await.unwrap(), connection);
        assert_eq!(client.stream().message().await.unwrap(), Some(connection.clone()));
    }
    // Another connection has another one.
    let other = PlacesClient::new(server.connect().await).quick().await.unwrap();
    assert_ne!(other, connection);
}

#[tokio::test]
async fn whoever_waits_goes_on_in_a_task_of_its_own() {
    let (_server, client) = serve_in(Placement::Connection).await;
    let connection = client.quick().await.unwrap();
    let mut tasks = HashSet::new();
    for _ in 0..20 {
        let (before, after) = around_a_wait(&client).await;
        assert_eq!(before, connection);
        assert!(after != connection && tasks.insert(after));
    }
}

#[tokio::test]
async fn in_tasks_no_two_calls_share_one() {
    let (_server, client) = serve_in(Placement::Task).await;
    let mut tasks = HashSet::new();
    for _ in 0..200 {
        assert!(tasks.insert(client.quick().await.unwrap()));
    }
    for _ in 0..20 {
        assert!(tasks.insert(client.stream().message().await.unwrap().unwrap()));
        let (before, after) = around_a_wait(&client).await;
        assert_eq!(before, after);
        assert!(tasks.insert(before));
    }
}

/// How many calls a quick method gets to be seen. Sixteen suffice where nothing else runs on the machine.
const ENOUGH: usize = 20_000;

/// Calls until two calls, one after the other, have been in one task.
async fn seen_quick(client: &PlacesClient) -> String {
    let mut last = client.quick().await.unwrap();
    for _ in 0..ENOUGH {
        let next = client.quick().await.unwrap();
        if next == last {
            return next;
        }
        last = next;
    }
    panic!("a handler that does nothing takes a task in each of {ENOUGH} calls");
}

/// Whether a handler that does nothing is quick: not where nothing is optimized.
fn is_measured_well() -> bool {
    if cfg!(debug_assertions) {
        skipped("without optimizations no handler is quick");
    }
    !cfg!(debug_assertions)
}

#[tokio::test]
async fn a_method_that_is_quick_comes_to_run_in_its_connection() {
    if !is_measured_well() {
        return;
    }
    let (server, client) = serve_in(Placement::Measured).await;
    let connection = seen_quick(&client).await;
    // That is known for all connections.
    let other = PlacesClient::new(server.connect().await);
    assert_ne!(seen_quick(&other).await, connection);

    // What its neighbour does is no fault of a quick one.
    for _ in 0..20 {
        assert_ne!(client.slow().await.unwrap(), connection);
    }
    assert_eq!(seen_quick(&client).await, connection);
}

#[tokio::test]
async fn a_method_is_not_trusted_before_it_is_known() {
    let (_server, client) = serve_in(Placement::Measured).await;
    let mut tasks = HashSet::new();
    for _ in 0..16 {
        assert!(tasks.insert(client.quick().await.unwrap()));
    }
}

#[tokio::test]
async fn a_method_that_computes_never_runs_in_its_connection() {
    let (_server, client) = serve_in(Placement::Measured).await;
    let mut tasks = HashSet::new();
    for _ in 0..200 {
        assert!(tasks.insert(client.slow().await.unwrap()));
    }
}
