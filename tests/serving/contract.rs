//! A service whose calls end, or do not.

use std::{future::pending, sync::Arc};

use tokio::sync::{Semaphore, mpsc};
use traitwire::{Status, Stream, service, stream_fn};
use traitwire_tests::frames::{Frame, POST, PREFACE, Setting, bytes, field};

/// Calls that a server has to deal with.
#[service(package = "proof.v1")]
pub(crate) trait Calls {
    /// The same text.
    async fn say(&self, text: String) -> Result<String, Status>;

    /// 0, and 1 when the test permits it.
    fn wait(&self) -> impl Stream<Item = Result<u32, Status>>;

    /// 0, and no end.
    fn hold(&self) -> impl Stream<Item = Result<u32, Status>>;

    /// More than any window takes, and no end.
    fn flood(&self) -> impl Stream<Item = Result<Vec<u8>, Status>>;
}

/// What a client sends that calls `flood`, with its windows as wide open as they go.
pub(crate) fn flood() -> Vec<u8> {
    let most = u32::MAX >> 1;
    let request = [
        &POST[..2],                         // without its path
        &field(4, "/proof.v1.Calls/Flood"), // :path
        &field(31, "application/grpc"),     // content-type
    ]
    .concat();
    let frames = bytes([
        Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, most)]),
        Frame::window_update(0, most - 65_535),
        Frame::headers(1, request, false),
        Frame::data(1, vec![0; 5], true),
    ]);
    [&PREFACE[..], &frames].concat()
}

/// Serves [`Calls`].
pub(crate) struct Service {
    permits: Arc<Semaphore>,
    dropped: mpsc::UnboundedSender<()>,
}

/// What the test has to do with the handlers.
pub(crate) struct Test {
    /// For those that wait.
    pub(crate) permits: Arc<Semaphore>,
    /// Those without an end that were dropped.
    pub(crate) dropped: mpsc::UnboundedReceiver<()>,
}

impl Service {
    pub(crate) fn new() -> (CallsServer<Self>, Test) {
        let permits = Arc::new(Semaphore::new(0));
        let (sender, dropped) = mpsc::unbounded_channel();
        let service = Self { permits: permits.clone(), dropped: sender };
        (CallsServer::new(service), Test { permits, dropped })
    }
}

/// A handler without an end.
struct Endless<'a>(&'a mpsc::UnboundedSender<()>);

impl Drop for Endless<'_> {
    fn drop(&mut self) {
        // The test may have seen enough.
        let _ = self.0.send(());
    }
}

impl Calls for Service {
    async fn say(&self, text: String) -> Result<String, Status> {
        Ok(text)
    }

    fn wait(&self) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async |mut out| {
            out.send(0).await?;
            let _permit = self.permits.acquire().await.expect("it is not closed");
            out.send(1).await?;
            Ok(())
        })
    }

    fn hold(&self) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async |mut out| {
            let _endless = Endless(&self.dropped);
            out.send(0).await?;
            pending().await
        })
    }

    fn flood(&self) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async |mut out| {
            let _endless = Endless(&self.dropped);
            loop {
                out.send(vec![0; 64 * 1024]).await?;
            }
        })
    }
}
