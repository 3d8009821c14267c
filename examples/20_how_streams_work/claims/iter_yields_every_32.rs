//! `tokio_stream::iter` says Pending after every 32 items, so that nobody else starves; and what
//! says Pending ends a frame. With the feature `rt` of tokio-stream it asks the budget of its task
//! instead, and the frames are others again.

use tokio_stream::{Stream, StreamExt};
use traitwire::Streaming;
use wire::Side;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    rig::{Rig, data_sizes},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "iter-yields-every-32",
    claim: "tokio_stream::iter pauses after 32 items, and a pause ends a frame",
    run: || alone(run()),
};

const COUNT: usize = 1_000;
const LENGTH: usize = 25;

async fn run() -> Result {
    let messages = || std::iter::repeat_n(Chunk::taking(LENGTH), COUNT);
    let pausing = frames(tokio_stream::iter(messages())).await?;
    let all_ready: Streaming<Chunk> = messages().collect();
    let steady = frames(all_ready.filter_map(Result::ok)).await?;

    let full = pausing.iter().take_while(|length| **length == 32 * LENGTH).count();
    let rest = &pausing[full..];
    Ok(Verdict {
        saw: vec![
            format!("{COUNT} ready messages of {LENGTH} bytes"),
            format!("from tokio_stream::iter: {full} DATA frames of 32 messages, then {rest:?}"),
            format!("from a stream that is never pending: {steady:?}"),
        ],
        holds: (full, rest) == (31, &[8 * LENGTH, 0]) && steady == [16_384, 8_616, 0],
    })
}

/// How long the DATA frames are in which a stock client sends these messages.
async fn frames(requests: impl Stream<Item = Chunk> + Send + 'static) -> Result<Vec<usize>> {
    let service = stock::client_streaming(async |requests: tonic::Request<_>| {
        let mut requests: tonic::Streaming<Chunk> = requests.into_inner();
        while requests.message().await?.is_some() {}
        Ok(tonic::Response::new(Chunk::default()))
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    stock::Client::new(channel).push(requests).await?;
    Ok(data_sizes(&tap, Side::Client))
}
