//! What shares a write is up to who runs next. grpc-go's writer yields once for that, before it
//! flushes. tonic's does not: on one thread all callers run before it anyway, 128 calls at a time,
//! which is tokio's budget for a task; on several threads it runs beside them.

use client_write_path::CallOptions;
use tokio::{runtime::Builder, task::JoinSet};
use tonic::{Response, Status, transport::Server};
use wire::Side;

use crate::{
    claim::{Claim, Figure, Result, Verdict, alone},
    contract::Chunk,
    go,
    rig::{Rig, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "the-scheduler-batches",
    claim: "the calls that begin before the connection has its turn share its writes",
    run: || alone(run()),
};

pub(crate) const FIGURE: Figure =
    Figure { chapter: 18, name: "calls-per-write", run: calls_per_write };

async fn run() -> Result {
    let mut saw = vec!["writes for calls that begin together   tonic  grpc-go's manner".to_owned()];
    let mut seen = Vec::new();
    for calls in [1, 16, 128, 256, 1_000] {
        let (tonic, go) = (tonic(calls).await?, go(calls).await?);
        saw.push(format!("{calls:>36}{tonic:>8}{go:>18}"));
        seen.push((tonic, go));
    }
    let holds = seen == [(2, 1), (2, 1), (2, 1), (4, 2), (11, 5)];
    Ok(Verdict { saw, holds })
}

/// How many writes of stock tonic send so many calls that begin together.
async fn tonic(calls: usize) -> Result<usize> {
    let service = stock::unary(async |_| Ok(Response::new(Chunk::default())));
    let (channel, tap) = Rig::default().connect(service).await?;
    let client = stock::Client::new(channel);
    client.clone().ask(Chunk::default()).await?;
    settle().await;
    tap.forget();
    together(calls, || {
        let mut client = client.clone();
        async move { client.ask(Chunk::taking(55)).await.map(drop) }
    })
    .await?;
    Ok(tap.writes(Side::Client).len())
}

/// How many grpc-go would.
async fn go(calls: usize) -> Result<usize> {
    let service = stock::unary(async |_| Ok(Response::new(Chunk::default())));
    let (client, tap) = go::Client::connect(serve(Server::builder(), service)).await?;
    client.ask(Chunk::default(), CallOptions::default()).await?;
    settle().await;
    tap.forget();
    together(calls, || {
        let client = client.clone();
        async move { client.ask(Chunk::taking(55), CallOptions::default()).await.map(drop) }
    })
    .await?;
    Ok(tap.writes(Side::Client).len())
}

/// Begins so many calls, each in a task of its own, and waits for them.
async fn together<F>(calls: usize, call: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<(), Status>> + Send + 'static,
{
    let mut tasks: JoinSet<_> = (0..calls).map(|_| call()).collect();
    while let Some(called) = tasks.join_next().await {
        called??;
    }
    Ok(())
}

/// The same with the rest of the machine in it: on one thread, and on several.
fn calls_per_write() -> Result<Vec<String>> {
    const CALLS: usize = 256;
    const RUNS: usize = 20;
    let mut lines = Vec::new();
    for threads in [1, 2, 4] {
        let mut runtime = match threads {
            1 => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        let runtime = runtime.worker_threads(threads).enable_time().build()?;
        let (mut tonic_writes, mut go_writes) = (0, 0);
        for _ in 0..RUNS {
            tonic_writes += runtime.block_on(tonic(CALLS))?;
            go_writes += runtime.block_on(go(CALLS))?;
        }
        let calls = |writes| (RUNS * CALLS) as f64 / writes as f64;
        let (tonic, go) = (calls(tonic_writes), calls(go_writes));
        lines.push(format!(
            "{CALLS} calls, threads {threads}: tonic {tonic:.1}, grpc-go's manner {go:.1}"
        ));
    }
    Ok(lines)
}
