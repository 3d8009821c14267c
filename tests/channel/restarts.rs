//! A server that is restarted again and again, while its callers go on.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::{sync::oneshot, task::JoinHandle, time::sleep};
use traitwire::{CallOptions, Channel, Code, Server};
use wire::dice::cases;

use crate::{
    contract::{Echo, EchoClient, EchoServer, Parrot, note},
    peer::Port,
};

const CALLERS: usize = 8;

/// Callers who go on until they are told to stop.
struct Callers {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    /// What each of them was told instead of an answer.
    tasks: Vec<JoinHandle<Vec<Code>>>,
}

impl Callers {
    fn of(port: &Port) -> Self {
        let channel = Channel::builder(format!("http://{}", port.addr))
            .backoff(Duration::from_millis(1), Duration::from_millis(10))
            .connect_lazy()
            .unwrap();
        let client = EchoClient::new(channel).with(CallOptions::new().wait_for_ready());
        let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let tasks = (0..CALLERS).map(|_| {
            let (client, stop, answered) = (client.clone(), stop.clone(), answered.clone());
            tokio::spawn(async move {
                let mut failures = Vec::new();
                while !stop.load(SeqCst) {
                    match client.say(note("hello")).await {
                        Ok(said) => assert_eq!(said, note("hello")),
                        Err(status) => failures.push(status.code()),
                    }
                    answered.fetch_add(1, SeqCst);
                }
                failures
            })
        });
        Self { tasks: tasks.collect(), stop, answered }
    }

    /// Waits until each has been answered since.
    async fn go_on(&self) {
        let until = self.answered.load(SeqCst) + 10 * CALLERS;
        while self.answered.load(SeqCst) < until {
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn failures(self) -> Vec<Code> {
        self.stop.store(true, SeqCst);
        let mut failures = Vec::new();
        for task in self.tasks {
            failures.extend(task.await.unwrap());
        }
        failures
    }
}

/// More of them: `CASES=250 cargo test -p traitwire-tests --test channel restarted`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_restarted_in_peace_loses_no_call() {
    let port = Port::new();
    let mut callers = None;
    for _ in 0..cases(20) {
        let (stop, told) = oneshot::channel::<()>();
        let server = Server::new().add(EchoServer::new(Parrot));
        let server = server.serve(port.listen().listener, async { drop(told.await) });
        let server = tokio::spawn(server);
        callers.get_or_insert_with(|| Callers::of(&port)).go_on().await;
        drop(stop);
        server.await.unwrap().unwrap();
    }
    let server = Server::new().add(EchoServer::new(Parrot));
    tokio::spawn(server.serve(port.listen().listener, pending()));
    let callers = callers.unwrap();
    callers.go_on().await;
    assert_eq!(callers.failures().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_again_and_again_is_unavailable_at_worst() {
    let port = Port::new();
    let mut callers = None;
    for _ in 0..cases(20) {
        let server = Server::new().add(EchoServer::new(Parrot));
        let server = tokio::spawn(server.serve(port.listen().listener, pending()));
        callers.get_or_insert_with(|| Callers::of(&port)).go_on().await;
        // Its connections are dropped with it.
        server.abort();
        assert!(server.await.unwrap_err().is_cancelled());
    }
    let server = Server::new().add(EchoServer::new(Parrot));
    tokio::spawn(server.serve(port.listen().listener, pending()));
    let callers = callers.unwrap();
    callers.go_on().await;
    let failures = callers.failures().await;
    assert!(failures.iter().all(|it| *it == Code::Unavailable), "{failures:?}");
    // One at most of each caller is under way when a server is killed.
    assert!(failures.len() <= CALLERS * cases(20), "{}", failures.len());
}
