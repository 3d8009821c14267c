//! A call with one answer has its trailers in the metadata of the answer; a stream has them at its
//! end.

use tonic::{Request, metadata::MetadataMap};
use traitwire::{Status, Stream, Streaming};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabServer},
    rig::Rig,
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "trailers-are-metadata",
    claim: "a call with one answer has its trailers among the headers",
    run: || alone(run()),
};

async fn run() -> Result {
    let (channel, _) = Rig::default().connect(LabServer::new(Answering)).await?;
    let mut client = stock::Client::new(channel);
    let requests = || tokio_stream::once(Chunk::default());

    let unary = client.ask(Chunk::default()).await?;
    let client_streaming = client.push(requests()).await?;
    let server_streaming = client.pull(Chunk::default()).await?;
    let bidirectional = client.talk(Request::new(requests())).await?;

    let mut saw = Vec::new();
    let mut holds = true;
    for (shape, answer) in [("unary", unary), ("client streaming", client_streaming)] {
        let headers = keys(answer.metadata());
        saw.push(format!("{shape:<16}  headers {headers}"));
        holds &= headers == "content-type, date, grpc-status";
    }
    for (shape, answer) in
        [("server streaming", server_streaming), ("bidirectional", bidirectional)]
    {
        let (headers, mut answers) = (keys(answer.metadata()), answer.into_inner());
        while answers.message().await?.is_some() {}
        let trailers = answers.trailers().await?.as_ref().map(keys).unwrap_or_default();
        saw.push(format!("{shape:<16}  headers {headers}; trailers {trailers}"));
        holds &= (&*headers, &*trailers) == ("content-type, date", "grpc-status");
    }
    Ok(Verdict { saw, holds })
}

fn keys(metadata: &MetadataMap) -> String {
    let mut keys: Vec<_> = metadata.as_ref().keys().map(http::HeaderName::as_str).collect();
    keys.sort_unstable();
    keys.join(", ")
}

/// Answers every call with one message.
struct Answering;

impl Lab for Answering {
    async fn ask(&self, request: Chunk) -> Result<Chunk, Status> {
        Ok(request)
    }

    fn pull(&self, request: Chunk) -> impl Stream<Item = Result<Chunk, Status>> {
        tokio_stream::once(Ok(request))
    }

    async fn push(&self, _: Streaming<Chunk>) -> Result<Chunk, Status> {
        Ok(Chunk::default())
    }

    fn talk(&self, requests: Streaming<Chunk>) -> impl Stream<Item = Result<Chunk, Status>> {
        requests
    }
}
