//! A call of each shape that does not end by itself.

use std::future::pending;

use tokio::sync::mpsc;
use traitwire::{Request, ServerShutdown, Status, Stream, Streaming, service, stream_fn};

/// Calls that a server has to end.
#[service(package = "proof.v1")]
pub(crate) trait Shapes {
    /// No answer.
    async fn one(&self) -> Result<u32, Status>;

    /// 0, and no end.
    fn answers(&self) -> impl Stream<Item = Result<u32, Status>>;

    /// Reads to the end, and says how many there were.
    async fn requests(&self, numbers: Streaming<u32>) -> Result<u32, Status>;

    /// The same numbers, and no end.
    fn both(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>>;

    /// Messages of a kibibyte, as many as the caller makes room for.
    fn pour(&self) -> impl Stream<Item = Result<Vec<u8>, Status>>;

    /// A message of a mebibyte.
    async fn large(&self) -> Result<Vec<u8>, Status>;

    /// 0, and 1 when the server is about to end.
    fn farewell(&self, request: Request<()>) -> impl Stream<Item = Result<u32, Status>>;
}

/// Where the calls of each shape are. Each begins with the message 0, which is empty.
pub(crate) const EACH: [&str; 4] = [
    "/proof.v1.Shapes/One",
    "/proof.v1.Shapes/Answers",
    "/proof.v1.Shapes/Requests",
    "/proof.v1.Shapes/Both",
];

/// Serves [`Shapes`].
pub(crate) struct Handlers {
    events: mpsc::UnboundedSender<Event>,
}

/// What the handlers tell a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Event {
    Begun,
    Dropped,
}

/// What the handlers tell.
pub(crate) struct Told(mpsc::UnboundedReceiver<Event>);

impl Told {
    /// Waits until so many more have said this, and nothing else.
    pub(crate) async fn all(&mut self, count: usize, event: Event) {
        for _ in 0..count {
            assert_eq!(self.0.recv().await, Some(event));
        }
    }
}

impl Told {
    /// Nobody has said anything more.
    #[track_caller]
    pub(crate) fn nothing(&mut self) {
        assert_eq!(self.0.try_recv().ok(), None);
    }
}

impl Handlers {
    pub(crate) fn new() -> (ShapesServer<Self>, Told) {
        let (events, told) = mpsc::unbounded_channel();
        (ShapesServer::new(Self { events }), Told(told))
    }

    fn begin(&self) -> Running<'_> {
        // The test may have seen enough.
        let _ = self.events.send(Event::Begun);
        Running(&self.events)
    }
}

/// A handler that runs.
struct Running<'a>(&'a mpsc::UnboundedSender<Event>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Dropped);
    }
}

impl Shapes for Handlers {
    async fn one(&self) -> Result<u32, Status> {
        let _running = self.begin();
        pending().await
    }

    fn answers(&self) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async |mut out| {
            let _running = self.begin();
            out.send(0).await?;
            pending().await
        })
    }

    async fn requests(&self, mut numbers: Streaming<u32>) -> Result<u32, Status> {
        let _running = self.begin();
        let mut count = 0;
        while numbers.message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn both(&self, mut numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let _running = self.begin();
            while let Some(number) = numbers.message().await? {
                out.send(number).await?;
            }
            pending().await
        })
    }

    fn pour(&self) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async |mut out| {
            let _running = self.begin();
            loop {
                out.send(vec![7; 1024]).await?;
            }
        })
    }

    async fn large(&self) -> Result<Vec<u8>, Status> {
        Ok(vec![7; 1024 * 1024])
    }

    fn farewell(&self, request: Request<()>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            let shutdown = request.extensions().get::<ServerShutdown>();
            let shutdown = shutdown.expect("the server says when it ends").clone();
            assert!(!shutdown.has_begun());
            out.send(0).await?;
            shutdown.clone().begun().await;
            assert!(shutdown.has_begun());
            out.send(1).await?;
            Ok(())
        })
    }
}
