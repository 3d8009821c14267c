//! One call of each shape, and a way for its handlers to say what becomes of them.

use std::time::Duration;

use tokio::{sync::mpsc, time::timeout};
use traitwire::{Status, Stream, Streaming};

/// Enough for anything here; what takes longer does not happen.
pub(crate) const BOUND: Duration = Duration::from_secs(10);

/// One call of each shape.
#[traitwire::service(package = "streams", unimplemented)]
pub(crate) trait Four {
    async fn one(&self, number: u32) -> Result<u32, Status>;
    fn down(&self, number: u32) -> impl Stream<Item = Result<u32, Status>>;
    /// The other form of a streaming answer: it may fail before it begins.
    async fn open(&self, number: u32) -> Result<impl Stream<Item = Result<u32, Status>>, Status>;
    async fn up(&self, numbers: Streaming<u32>) -> Result<u32, Status>;
    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>>;
}

/// Makes two tests of each check, which gets a client and what `$make` returned beside the service:
/// with the service in this process, and over a socket. In process the clock stands still while
/// there is anything to do, and goes on to the next timer when there is not.
macro_rules! both_ways {
    ($server:ident, $client:ident, $make:ident => $($check:ident),+ $(,)?) => {
        mod in_process {
            $(
                #[tokio::test(start_paused = true)]
                async fn $check() {
                    let (service, seen) = super::$make();
                    super::$check(super::$client::in_process(service), seen).await;
                }
            )+
        }

        mod over_a_socket {
            $(
                #[tokio::test]
                async fn $check() {
                    let (service, seen) = super::$make();
                    let server = traitwire_tests::serve(super::$server::new(service)).await;
                    super::$check(super::$client::new(server.connect().await), seen).await;
                }
            )+
        }
    };
}
pub(crate) use both_ways;

/// How a handler ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// It came to its last line.
    Finished,
    /// It was dropped where it stood.
    Dropped,
}

/// In the hands of handlers.
#[derive(Clone)]
pub(crate) struct Probe {
    begun: mpsc::UnboundedSender<()>,
    ended: mpsc::UnboundedSender<End>,
}

/// In the hands of the test.
pub(crate) struct Seen {
    begun: mpsc::UnboundedReceiver<()>,
    ended: mpsc::UnboundedReceiver<End>,
}

pub(crate) fn probe() -> (Probe, Seen) {
    let (begin, begun) = mpsc::unbounded_channel();
    let (end, ended) = mpsc::unbounded_channel();
    (Probe { begun: begin, ended: end }, Seen { begun, ended })
}

impl Probe {
    /// Says that a handler has begun, and later how it ends.
    pub(crate) fn enter(&self) -> Guard {
        // A test that has seen enough listens no more.
        let _ = self.begun.send(());
        Guard { probe: self.clone(), end: End::Dropped }
    }
}

impl Seen {
    /// Waits until a handler has begun.
    pub(crate) async fn begun(&mut self) {
        let begun = timeout(BOUND, self.begun.recv()).await;
        begun.expect("a handler begins").expect("a handler holds the other end");
    }

    /// Waits until a handler has ended.
    pub(crate) async fn ended(&mut self) -> End {
        let ended = timeout(BOUND, self.ended.recv()).await;
        ended.expect("a handler ends").expect("a handler holds the other end")
    }
}

/// On the stack of a handler, or in a stream.
pub(crate) struct Guard {
    probe: Probe,
    end: End,
}

impl Guard {
    pub(crate) fn finish(mut self) {
        self.end = End::Finished;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.probe.ended.send(self.end);
    }
}

/// A stream of a caller that reports when it is dropped.
pub(crate) fn watched<T: Send + 'static>(
    guard: Guard,
    stream: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> Streaming<T> {
    Streaming::new(traitwire::StreamExt::map(stream, move |item| {
        let _held = &guard;
        item
    }))
}
