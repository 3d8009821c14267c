//! `tokio_stream::iter` says Pending after every 32 items, so that nobody else starves; and what
//! says Pending ends a frame. With the feature `rt` of tokio-stream it asks the budget of its task
//! instead, and the frames are others again.

use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use traitwire::Streaming;
use wire::Side;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient},
    rig::{Rig, data_sizes, dial_ours, serve},
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
    let steady = || messages().collect::<Streaming<Chunk>>();
    let pausing = stock(tokio_stream::iter(messages())).await?;
    let all_ready = stock(steady().filter_map(Result::ok)).await?;
    let ours = ours(Streaming::new(tokio_stream::iter(messages().map(Ok)))).await?;
    let ours_all_ready = self::ours(steady()).await?;

    let of = |count: usize, frames: &[usize]| {
        let full = frames.iter().take_while(|length| **length == count * LENGTH).count();
        format!("{full} DATA frames of {count} messages, then {:?}", &frames[full..])
    };
    let (pausing, ours) = (of(32, &pausing), of(32, &ours));
    let ours_all_ready = of(256, &ours_all_ready);
    let every_32 = "31 DATA frames of 32 messages, then [200, 0]";
    Ok(Verdict {
        saw: vec![
            format!("{COUNT} ready messages of {LENGTH} bytes"),
            format!("stock tonic, from tokio_stream::iter: {pausing}"),
            format!("stock tonic, from a stream that is never pending: {all_ready:?}"),
            format!("Traitwire, from tokio_stream::iter: {ours}"),
            format!("Traitwire, from a stream that is never pending: {ours_all_ready}"),
        ],
        holds: pausing == every_32
            && all_ready == [16_384, 8_616, 0]
            && ours == every_32
            && ours_all_ready == "3 DATA frames of 256 messages, then [5800, 0]",
    })
}

/// How long the DATA frames are in which a stock client sends these messages.
async fn stock(requests: impl Stream<Item = Chunk> + Send + 'static) -> Result<Vec<usize>> {
    let (channel, tap) = Rig::default().connect(service()).await?;
    stock::Client::new(channel).push(requests).await?;
    Ok(data_sizes(&tap, Side::Client))
}

/// The same of a client of Traitwire.
async fn ours(requests: Streaming<Chunk>) -> Result<Vec<usize>> {
    let (channel, tap) = dial_ours(serve(Server::builder(), service())).await?;
    LabClient::new(channel).push(requests).await?;
    Ok(data_sizes(&tap, Side::Client))
}

/// A server that reads to the end.
fn service() -> impl stock::Serves {
    stock::client_streaming(async |requests: tonic::Request<_>| {
        let mut requests: tonic::Streaming<Chunk> = requests.into_inner();
        while requests.message().await?.is_some() {}
        Ok(tonic::Response::new(Chunk::default()))
    })
}
