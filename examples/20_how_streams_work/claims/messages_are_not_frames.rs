//! Messages are not frames: tonic asks for all that is ready, and sends it as one. grpc-go gives each
//! message frames of its own, and gathers those.

use std::collections::BTreeSet;

use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, transport::Server};
use wire::{Side, frame::Kind, tap::Seen};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    go,
    rig::{Rig, data_sizes, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "messages-are-not-frames",
    claim: "messages are not frames",
    run: || alone(run()),
};

async fn run() -> Result {
    let together = of_server(|| tokio_stream::iter(three())).await?;
    let apart = of_server(|| {
        tokio_stream::iter(three()).then(async |message| {
            settle().await;
            message
        })
    });
    let apart = apart.await?;
    let (go, writes) = of_go().await?;
    Ok(Verdict {
        saw: vec![
            "3 messages of 15, 16 and 17 bytes".to_owned(),
            format!("stock tonic, all are ready: DATA {together:?}"),
            format!("stock tonic, one after the other: DATA {apart:?}"),
            format!("grpc-go's manner, all are ready: DATA {go:?}, in {writes} write"),
        ],
        holds: together == [48] && apart == [15, 16, 17] && (&*go, writes) == (&[15, 16, 17, 0], 1),
    })
}

fn three() -> [Result<Chunk, Status>; 3] {
    [15, 16, 17].map(|length| Ok(Chunk::taking(length)))
}

/// How long the DATA frames are in which a stock server sends such a stream.
async fn of_server<S>(answers: impl Fn() -> S + Clone + Send + Sync + 'static) -> Result<Vec<usize>>
where
    S: Stream<Item = Result<Chunk, Status>> + Send + 'static,
{
    let service = stock::server_streaming(move |_: Request<Chunk>| {
        std::future::ready(Ok(Response::new(answers())))
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    let mut answers = stock::Client::new(channel).pull(Chunk::default()).await?.into_inner();
    while answers.message().await?.is_some() {}
    Ok(data_sizes(&tap, Side::Server))
}

/// The same of a client in grpc-go's manner, and in how many writes the frames left.
async fn of_go() -> Result<(Vec<usize>, usize)> {
    let service = stock::client_streaming(async |requests: Request<tonic::Streaming<Chunk>>| {
        let mut requests = requests.into_inner();
        while requests.message().await?.is_some() {}
        Ok(Response::new(Chunk::default()))
    });
    let (client, tap) = go::Client::connect(serve(Server::builder(), service)).await?;
    client.push(tokio_stream::iter(three()).filter_map(Result::ok)).await?;
    let data = |seen: &&Seen| {
        seen.from == Side::Client && seen.frame().is_some_and(|it| it.kind == Kind::DATA)
    };
    let writes: BTreeSet<_> = tap.events().iter().filter(data).map(|seen| seen.write).collect();
    Ok((data_sizes(&tap, Side::Client), writes.len()))
}
