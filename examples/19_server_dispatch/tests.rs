//! The server, called frame by frame, over pipes in the place of sockets.
//!
//! Everything runs on one thread and with a paused clock, so that each test goes the same way at
//! every run. After each of them nothing is left: no connection in the registry, no task.

mod answers;
mod caller;
mod connections;
mod hostile;
mod lab;
mod parsers;
mod pool;
mod stop;

use std::{
    io,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    io::{DuplexStream, duplex},
    runtime::Handle,
    sync::mpsc,
    task::{JoinHandle, yield_now},
    time::timeout,
};
use traitwire::{Listener, Peer};

use self::{
    caller::Caller,
    lab::{Bench, LAB, LabServer},
};
use crate::Server;

/// Waits, but not for ever: for an hour of a clock that stands still while anybody has work.
pub(crate) async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(3600), future).await.expect("it comes to an end")
}

/// What a server listens on: connections that a test makes, and errors.
pub(crate) struct Doors(mpsc::UnboundedReceiver<io::Result<DuplexStream>>);

impl Listener for Doors {
    type Io = DuplexStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Peer)>> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(connection)) => {
                Poll::Ready(connection.map(|it| (it, Peer::unknown())))
            }
            // Nobody comes any more.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

/// A server that serves, and what is in it.
pub(crate) struct Scene {
    pub(crate) server: Arc<Server>,
    pub(crate) bench: Bench,
    pub(crate) doors: mpsc::UnboundedSender<io::Result<DuplexStream>>,
    pub(crate) serving: JoinHandle<()>,
}

impl Scene {
    pub(crate) fn new(server: Server) -> Self {
        let bench = Bench::default();
        let server = Arc::new(server.register_service(&LAB, LabServer::new(bench.clone())));
        let (doors, connections) = mpsc::unbounded_channel();
        let serving = tokio::spawn(server.clone().serve(Doors(connections)));
        Self { server, bench, doors, serving }
    }

    /// A connection that says nothing yet.
    pub(crate) fn connect(&self) -> Caller {
        let (here, there) = duplex(1 << 20);
        self.doors.send(Ok(there)).unwrap();
        Caller::new(here)
    }

    /// A connection that has begun as a client does.
    pub(crate) async fn caller(&self) -> Caller {
        let mut caller = self.connect();
        caller.greet().await;
        caller
    }

    /// Waits until this is so.
    pub(crate) async fn until(&self, so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !so(self) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it never is so");
            yield_now().await;
        }
    }

    /// Stops the server; nothing is left of it.
    pub(crate) async fn end(self) {
        bounded(self.server.stop()).await;
        assert_eq!(self.server.connections(), 0);
        assert_eq!(self.bench.running(), 0, "a handler runs on");
        self.until(|it| it.serving.is_finished()).await;
        // With more than one thread, a task is over a little later than its work.
        self.until(|_| Handle::current().metrics().num_alive_tasks() == 0).await;
    }
}
