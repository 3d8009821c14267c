//! A channel is ready for every call: those that the server does not take wait in a queue of hyper
//! that has no bound. grpc-go lets the caller wait, until there is a stream for it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use client_write_path::CallOptions;
use tokio::task::JoinSet;
use tonic::{Response, Status, transport::Server};
use traitwire::MethodKind;
use wire::{Side, frame::Kind};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, method},
    go,
    rig::{Rig, frames, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "ready-is-no-back-pressure",
    claim: "`ready()` of tonic's channel says nothing about the server: it lets every call in",
    run: || alone(run()),
};

/// How many calls are begun.
const CALLS: usize = 5_000;

async fn run() -> Result {
    let service = stock::unary(|_| std::future::pending());
    let server = Server::builder().max_concurrent_streams(2);
    let rig = Rig { server: server.clone(), ..Rig::default() };
    let (channel, tap) = rig.connect(service.clone()).await?;
    let (client, go_tap) = go::Client::connect(serve(server, service)).await?;
    // The clients have read the settings of the server, and the limit in them.
    settle().await;

    let (ready, _calls) = begin(|ready| {
        let mut client = stock::Client::new(channel.clone());
        async move {
            client.grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
            ready.fetch_add(1, Relaxed);
            client.ask(Chunk::taking(20)).await.map(Response::into_inner)
        }
    })
    .await;
    let (opened, _go_calls) = begin(|opened| {
        let conn = client.conn.clone();
        async move {
            let method = method(MethodKind::Unary);
            let mut call =
                conn.new_client_stream::<Chunk, _>(method, CallOptions::default()).await?;
            opened.fetch_add(1, Relaxed);
            call.recv_msg().await.map(Option::unwrap_or_default)
        }
    })
    .await;
    let [sent, go_sent] = [tap, go_tap].map(|tap| frames(&tap, Side::Client, Kind::HEADERS).len());
    Ok(Verdict {
        saw: vec![
            format!("{CALLS} calls begin, and the server takes 2 streams"),
            format!("tonic:        {ready:>4} are ready, {sent} HEADERS"),
            format!("like grpc-go: {opened:>4} have a stream, {go_sent} HEADERS"),
        ],
        holds: (ready, sent) == (CALLS, 2) && (opened, go_sent) == (2, 2),
    })
}

/// Begins the calls, and counts how far they come: each adds itself. They go on while the set lives.
async fn begin<F>(call: impl Fn(Arc<AtomicUsize>) -> F) -> (usize, JoinSet<F::Output>)
where
    F: Future<Output = Result<Chunk, Status>> + Send + 'static,
{
    let count = Arc::<AtomicUsize>::default();
    let calls = (0..CALLS).map(|_| call(count.clone())).collect();
    settle().await;
    (count.load(Relaxed), calls)
}
