//! What is served.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use traitwire::{Status, Stream, Streaming, service, stream_fn};

/// Something to serve, in each shape of a call.
#[service(package = "test.v1", client = false)]
pub(crate) trait Lab {
    /// The same text; a panic for `panic`.
    async fn echo(&self, text: String) -> Result<String, Status>;
    /// Never answers.
    async fn hang(&self) -> Result<(), Status>;
    /// A message, and another, without end; a panic when it is dropped.
    fn explode(&self) -> impl Stream<Item = Result<Vec<u8>, Status>>;
    /// Keeps its thread until it is let go.
    async fn block(&self) -> Result<(), Status>;
    /// So many bytes, in messages of a thousand.
    fn pour(&self, messages: u32) -> impl Stream<Item = Result<Vec<u8>, Status>>;
    /// How many there were.
    async fn count(&self, texts: Streaming<String>) -> Result<u32, Status>;
    /// How many there were until one was wrong.
    async fn forgive(&self, texts: Streaming<String>) -> Result<u32, Status>;
    /// The first of many.
    async fn first(&self, texts: Streaming<String>) -> Result<String, Status>;
    /// Each text as it comes.
    fn repeat(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
}

/// What a test sees of the handlers.
#[derive(Clone, Default)]
pub(crate) struct Bench {
    running: Arc<AtomicUsize>,
    /// How many messages were poured.
    pub(crate) poured: Arc<AtomicUsize>,
    /// Taken by who wants handlers to block.
    pub(crate) gate: Arc<Mutex<()>>,
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as the caller asked for");
    }
}

impl Bench {
    fn run(&self) -> Running<'_> {
        self.running.fetch_add(1, SeqCst);
        Running(&self.running)
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(SeqCst)
    }
}

impl Lab for Bench {
    async fn echo(&self, text: String) -> Result<String, Status> {
        assert_ne!(text, "panic", "as the caller asked for");
        Ok(text)
    }

    async fn hang(&self) -> Result<(), Status> {
        let _running = self.run();
        std::future::pending().await
    }

    fn explode(&self) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async |mut out| {
            let _bomb = Bomb;
            let _running = self.run();
            loop {
                out.send(vec![7; 1000]).await?;
            }
        })
    }

    async fn block(&self) -> Result<(), Status> {
        let _running = self.run();
        drop(self.gate.lock());
        Ok(())
    }

    fn pour(&self, messages: u32) -> impl Stream<Item = Result<Vec<u8>, Status>> {
        stream_fn(async move |mut out| {
            let _running = self.run();
            for _ in 0..messages {
                out.send(vec![7; 1000]).await?;
                self.poured.fetch_add(1, SeqCst);
            }
            Ok(())
        })
    }

    async fn count(&self, mut texts: Streaming<String>) -> Result<u32, Status> {
        let _running = self.run();
        let mut count = 0;
        while texts.message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    async fn forgive(&self, mut texts: Streaming<String>) -> Result<u32, Status> {
        let mut count = 0;
        while let Ok(Some(_)) = texts.message().await {
            count += 1;
        }
        Ok(count)
    }

    async fn first(&self, mut texts: Streaming<String>) -> Result<String, Status> {
        texts.message().await?.ok_or_else(|| Status::invalid_argument("no text"))
    }

    fn repeat(&self, mut texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async move |mut out| {
            let _running = self.run();
            while let Some(text) = texts.message().await? {
                out.send(text).await?;
            }
            Ok(())
        })
    }
}
