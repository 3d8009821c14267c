//! The four shapes, in their forms.

use traitwire::{Request, Response, Status, Stream, Streaming, service};

/// Every shape once, and every form.
#[service(package = "shapes")]
pub trait Shapes {
    /// One message each way, in envelopes.
    async fn unary(&self, request: Request<String>) -> Result<Response<u64>, Status>;
    /// A stream back, at once.
    fn listen(&self, topic: String) -> impl Stream<Item = Result<String, Status>>;
    /// A stream back, unless it fails first.
    async fn search(
        &self,
        words: String,
    ) -> Result<impl Stream<Item = Result<String, Status>>, Status>;
    /// A stream back, with metadata.
    async fn tail(
        &self,
        file: Request<String>,
    ) -> Result<Response<impl Stream<Item = Result<Vec<u8>, Status>>>, Status>;
    /// A stream out, one message back.
    async fn upload(&self, chunks: Streaming<Vec<u8>>) -> Result<u64, Status>;
    /// A stream each way.
    fn chat(&self, lines: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
    /// Nothing each way.
    async fn ping(&self) -> Result<(), Status>;
}
