//! A call whose deadline passes while it waits for a stream. What h2 has taken is opened all the same
//! when there is room, and then reset: all calls that begin together, and after them one. What waits
//! before h2, in the queue of hyper, is dropped there. A call of grpc-go waits before both.

use std::time::Duration;

use client_write_path::CallOptions;
use tokio::{io::DuplexStream, task::JoinSet};
use tonic::{
    Request, Status,
    transport::{Endpoint, Server},
};
use wire::{Side, frame::Kind, tap::Tap};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    go,
    rig::{dial, frames, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "late-calls-still-open",
    claim: "tonic opens calls whose deadline has passed in the queue, and resets them",
    run: || alone(run()),
};

/// Two calls that the server takes, and three that wait until their time is over.
const TIMEOUTS: [Duration; 5] = [LONG, LONG, SHORT, SHORT, SHORT];
const LONG: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(500);

async fn run() -> Result {
    let server = Server::builder().max_concurrent_streams(2);
    let connect = || serve(server.clone(), stock::unary(|_| std::future::pending()));
    let together = tonic(connect(), false).await?;
    let one_by_one = tonic(connect(), true).await?;
    let go = go(connect()).await?;
    Ok(Verdict {
        saw: vec![
            "3 calls wait for a stream until it is too late, and then there is one".to_owned(),
            format!("tonic, begun together:        {together}"),
            format!("tonic, one by one:            {one_by_one}"),
            format!("like grpc-go, begun together: {go}"),
        ],
        holds: together == "HEADERS [5, 7, 9], DATA [], RST_STREAM [5, 7, 9]"
            && one_by_one == "HEADERS [5], DATA [5, 5], RST_STREAM [5]"
            && go == "HEADERS [], DATA [], RST_STREAM []",
    })
}

async fn tonic(server: DuplexStream, one_by_one: bool) -> Result<String> {
    let (channel, tap) = dial(Endpoint::from_static("http://lab"), server).await?;
    // The client has read the settings of the server, and the limit in them.
    settle().await;
    let mut calls = JoinSet::new();
    for timeout in TIMEOUTS {
        let mut client = stock::Client::new(channel.clone());
        let mut request = Request::new(Chunk::taking(20));
        request.set_timeout(timeout);
        calls.spawn(async move { client.ask(request).await.map(drop) });
        if one_by_one {
            settle().await;
        }
    }
    late(&tap, calls).await
}

async fn go(server: DuplexStream) -> Result<String> {
    let (client, tap) = go::Client::connect(server).await?;
    let mut calls = JoinSet::new();
    for timeout in TIMEOUTS {
        let client = client.clone();
        let options = CallOptions { timeout: Some(timeout), ..CallOptions::default() };
        calls.spawn(async move { client.ask(Chunk::taking(20), options).await.map(drop) });
    }
    late(&tap, calls).await
}

/// What the client sends on other streams than the first two, until all calls are over.
async fn late(tap: &Tap, mut calls: JoinSet<Result<(), Status>>) -> Result<String> {
    while let Some(call) = calls.join_next().await {
        let _too_late = call?;
    }
    settle().await;
    let kinds = [Kind::HEADERS, Kind::DATA, Kind::RST_STREAM].map(|kind| {
        let sent = frames(tap, Side::Client, kind);
        let streams: Vec<u32> = sent.iter().map(|it| it.stream).filter(|it| *it > 3).collect();
        format!("{kind} {streams:?}")
    });
    Ok(kinds.join(", "))
}
