//! From 256 bytes on, h2 gives every DATA frame a write of its own and copies nothing; shorter ones
//! it copies into a buffer of 16 KiB. grpc-go copies all of them, into one of 32 KiB.

use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, transport::Server};
use traitwire::Streaming;
use wire::{Side, tap::Tap};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    go,
    rig::{Rig, data_sizes, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "small-frames-share-a-write",
    claim: "in tonic a DATA frame of 256 bytes or more is a write of its own",
    run: || alone(run()),
};

/// How many messages a stream has.
const MESSAGES: usize = 1_000;

async fn run() -> Result {
    let service = stock::client_streaming(async |requests: Request<tonic::Streaming<Chunk>>| {
        let mut requests = requests.into_inner();
        while requests.message().await?.is_some() {}
        Ok(Response::new(Chunk::default()))
    });
    let mut saw = vec![format!("writes for {MESSAGES} frames of   tonic  grpc-go's manner")];
    let mut seen = Vec::new();
    for length in [20, 255, 256, 300] {
        let (channel, tap) = Rig::default().connect(service.clone()).await?;
        let mut client = stock::Client::new(channel);
        settle().await;
        tap.forget();
        // What is ready together becomes one frame of tonic, so none is when the one before goes.
        let apart = requests(length).then(async |message| {
            tokio::task::yield_now().await;
            message
        });
        client.push(apart).await?;
        let tonic = writes(&tap, length)?;

        let server = serve(Server::builder(), service.clone());
        let (client, tap) = go::Client::connect(server).await?;
        settle().await;
        tap.forget();
        client.push(requests(length)).await?;
        let go = writes(&tap, length)?;

        saw.push(format!("{length:>19} bytes{tonic:>10}{go:>18}"));
        seen.push((tonic, go));
    }
    Ok(Verdict { saw, holds: seen == [(3, 1), (18, 11), (1_002, 11), (1_002, 14)] })
}

/// Messages that take so many bytes each.
fn requests(length: usize) -> impl Stream<Item = Chunk> + Send + 'static {
    let requests: Streaming<Chunk> = vec![Chunk::taking(length); MESSAGES].into_iter().collect();
    requests.filter_map(Result::ok)
}

/// How many writes there were, for a frame each.
fn writes(tap: &Tap, length: usize) -> Result<usize> {
    let frames = data_sizes(tap, Side::Client);
    if frames.iter().filter(|it| **it == length).count() != MESSAGES {
        return Err("the messages are not frames of their own".into());
    }
    Ok(tap.writes(Side::Client).len())
}
