//! A server may answer before it has read everything. It says so with RST_STREAM, NO_ERROR: the
//! answer counts, and what the caller still has to say goes nowhere.

use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, transport::Server};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    go,
    rig::{Rig, passed, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "answers-may-be-early",
    claim: "a server may answer before it has read everything, and the call is OK",
    run: || alone(run()),
};

async fn run() -> Result {
    let service = stock::client_streaming(async |requests: Request<tonic::Streaming<Chunk>>| {
        let mut requests = requests.into_inner();
        requests.message().await?;
        requests.message().await?;
        Ok(Response::new(Chunk::taking(9)))
    });
    let (channel, stock_tap) = Rig::default().connect(service.clone()).await?;
    let stock = stock::Client::new(channel).push(for_ever()).await.is_ok();
    let (client, go_tap) = go::Client::connect(serve(Server::builder(), service)).await?;
    let go = client.push(for_ever()).await.is_ok();

    let (stock_passed, go_passed) = (passed(&stock_tap), passed(&go_tap));
    let early = [
        "client → HEADERS, DATA 15, DATA 15",
        "server → HEADERS, DATA 9, HEADERS END_STREAM, RST_STREAM NO_ERROR",
    ];
    // grpc-go tells the server too that it stops.
    let told = ["client → RST_STREAM NO_ERROR"];
    let holds =
        (stock && stock_passed == early) && (go && go_passed == [&early[..], &told].concat());
    let mut saw = Vec::new();
    for (who, answer, passed) in
        [("stock tonic", stock, stock_passed), ("like grpc-go", go, go_passed)]
    {
        saw.push(format!("{who}, the call {}", if answer { "is OK" } else { "failed" }));
        saw.extend(passed.iter().map(|line| format!("    {line}")));
    }
    Ok(Verdict { saw, holds })
}

/// A message now and then, without end.
fn for_ever() -> impl Stream<Item = Chunk> + Send {
    tokio_stream::iter(std::iter::repeat(Chunk::taking(15))).then(async |message| {
        settle().await;
        message
    })
}
