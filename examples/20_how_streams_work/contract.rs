//! What the two ends of every run agree on.

use http::uri::PathAndQuery;
use traitwire::{
    MethodDescriptor, MethodKind, Status, Stream, Streaming, message, prost::bytes::Bytes, service,
};

traitwire::package!("lab.v1", file = "lab/v1/lab.proto");

/// One call of each shape, for messages of any size.
#[service(unimplemented)]
pub(crate) trait Lab {
    /// One message each way.
    async fn ask(&self, request: Chunk) -> Result<Chunk, Status>;

    /// One message out, a stream back.
    fn pull(&self, request: Chunk) -> impl Stream<Item = Result<Chunk, Status>>;

    /// A stream out, one message back.
    async fn push(&self, requests: Streaming<Chunk>) -> Result<Chunk, Status>;

    /// A stream each way.
    fn talk(&self, requests: Streaming<Chunk>) -> impl Stream<Item = Result<Chunk, Status>>;
}

/// Some bytes.
#[message]
pub(crate) struct Chunk {
    /// It does not matter which.
    #[tag(1)]
    pub(crate) data: Bytes,
}

impl Chunk {
    /// A message that takes `length` bytes on the wire, with the five before it.
    ///
    /// # Panics
    ///
    /// When no message takes as many: 5, then 8 to 134, then 136 and more take one length each.
    pub(crate) fn taking(length: usize) -> Self {
        let chunk = |data: usize| Self { data: vec![b'x'; data].into() };
        let takes = |chunk: &Self| 5 + traitwire::prost::Message::encoded_len(chunk);
        let chunk = (0..length).rev().take(12).map(chunk).find(|it| takes(it) == length);
        chunk.unwrap_or_else(|| panic!("no message takes {length} bytes"))
    }
}

/// The method of a shape.
pub(crate) fn method(kind: MethodKind) -> &'static MethodDescriptor {
    LAB.methods.iter().find(|it| it.kind == kind).expect("there is one of each")
}

/// The path of the calls of a shape.
pub(crate) fn path(kind: MethodKind) -> PathAndQuery {
    PathAndQuery::from_static(method(kind).path)
}
