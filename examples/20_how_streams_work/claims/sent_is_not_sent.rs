//! A send that succeeded is a message that was taken, and no more: how far a producer runs ahead of
//! a peer that reads nothing is up to the windows, and to what is kept before them.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use client_write_path::CallOptions;
use tokio::time::timeout;
use tonic::{Status, transport::Server};
use traitwire::{MethodKind, Stream, StreamExt, Streaming, stream_fn};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient, LabServer, method},
    go,
    rig::{MINUTE, Rig, dial_ours, serve},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "sent-is-not-sent",
    claim: "a send that succeeded has sent nothing yet",
    run: || alone(run()),
};

async fn run() -> Result {
    let mut saw = vec![
        "to a server that reads nothing, whose window is 1 MiB, can be sent".to_owned(),
        "messages of            stock tonic    Traitwire    like grpc-go".to_owned(),
    ];
    let mut counts = Vec::new();
    for length in [1 << 10, 1 << 16, 1 << 22] {
        let (stock, ours, go) = (stock(length).await?, ours(length).await?, go(length).await?);
        saw.push(format!("{length:>11} bytes{stock:>17}{ours:>13}{go:>16}"));
        counts.push([stock, ours, go]);
    }
    // The window, and what is encoded at once: 32 KiB in tonic and 16 in Traitwire, or a message. In
    // grpc-go the window, and 64 KiB of write quota, or a message.
    let holds = counts == [[1024 + 32, 1024 + 16, 1024 + 64], [17, 17, 17], [2, 2, 1]];
    Ok(Verdict { saw, holds })
}

async fn stock(length: usize) -> Result<usize> {
    let (sent, requests) = messages(length);
    let (channel, _) = Rig::default().connect(LabServer::new(Idle)).await?;
    let mut client = stock::Client::new(channel);
    let _ = timeout(MINUTE, client.push(requests.filter_map(Result::ok))).await;
    Ok(sent.load(Relaxed))
}

async fn ours(length: usize) -> Result<usize> {
    let (sent, requests) = messages(length);
    let (channel, _) = dial_ours(serve(Server::builder(), LabServer::new(Idle))).await?;
    let client = LabClient::new(channel);
    let _ = timeout(MINUTE, client.push(Streaming::new(requests))).await;
    Ok(sent.load(Relaxed))
}

async fn go(length: usize) -> Result<usize> {
    let (client, _) = go::Client::connect(serve(Server::builder(), LabServer::new(Idle))).await?;
    let (method, options) = (method(MethodKind::ClientStreaming), CallOptions::default());
    let mut call = client.conn.new_client_stream::<_, Chunk>(method, options).await?;
    let (chunk, mut sent) = (Chunk::taking(length), 0);
    let send = async {
        while call.send_msg(&chunk).await.is_ok() {
            sent += 1;
        }
    };
    let _ = timeout(MINUTE, send).await;
    Ok(sent)
}

/// Messages for as long as somebody takes them, and how many were taken.
fn messages(length: usize) -> (Arc<AtomicUsize>, impl Stream<Item = Result<Chunk, Status>>) {
    let (chunk, sent) = (Chunk::taking(length), Arc::new(AtomicUsize::new(0)));
    let count = sent.clone();
    let messages = stream_fn(async move |mut out| {
        while out.send(chunk.clone()).await.is_ok() {
            count.fetch_add(1, Relaxed);
        }
        Ok(())
    });
    (sent, messages)
}

/// Reads nothing.
struct Idle;

impl Lab for Idle {
    async fn push(&self, unread: Streaming<Chunk>) -> Result<Chunk, Status> {
        pending::<()>().await;
        drop(unread);
        Ok(Chunk::default())
    }
}
