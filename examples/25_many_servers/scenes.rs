//! Three servers in trouble, and their client.

use std::net::SocketAddr;

use tokio::sync::oneshot;
use traitwire::CallOptions;
use workbook::Result;

use crate::{
    client::{ask, connect, meet},
    contract::{Stock, StockClient},
    server::Process,
};

/// Plays them all.
pub async fn play() -> Result {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let a = Process::start("a", free).await?;
    let b = Process::start("b", free).await?;
    let c = Process::start("c", free).await?;
    let channel = connect([&a, &b, &c].map(|it| format!("http://{}", it.addr)))?;
    let client = StockClient::new(channel.clone());
    for name in ["a", "b", "c"] {
        meet(&client, name).await?;
    }
    ask(&client, 30).await;

    let addr = b.kill().await?;
    println!("server: b is killed");
    ask(&client, 30).await;

    let b = Process::start("b", addr).await?;
    println!("server: b is back");
    meet(&client, "b").await?;
    ask(&client, 30).await;

    c.hangs.send_replace(true);
    println!("server: c takes calls and answers none");
    ask(&client, 6).await;
    c.hangs.send_replace(false);

    println!("server: each of them is replaced while the client calls");
    let (stop, stopped) = oneshot::channel();
    let calls = tokio::spawn(call_until(client.clone(), stopped));
    let mut servers = Vec::new();
    for (old, name) in [(a, "A"), (b, "B"), (c, "C")] {
        let new = Process::start(name, old.drain().await?).await?;
        meet(&client, name).await?;
        servers.push(new);
    }
    drop(stop);
    println!("client ← {} calls failed meanwhile", calls.await?);
    ask(&client, 30).await;

    println!("server: all are killed");
    let mut addrs = Vec::new();
    for server in servers {
        addrs.push(server.kill().await?);
    }
    let refused = client.level("tea").await.unwrap_err();
    println!("client ← {:?}; the channel is in {:?}", refused.code(), channel.state());
    let patient = client.with(CallOptions::new().wait_for_ready());
    let call = tokio::spawn(async move { patient.level("tea").await });
    let mut back = Vec::new();
    for addr in addrs {
        back.push(Process::start("a, b or c", addr).await?);
    }
    println!("server: all are back");
    let level = call.await??;
    println!("client ← {} pieces; the channel is in {:?}", level.pieces, channel.state());
    for server in back {
        server.kill().await?;
    }
    Ok(())
}

/// Calls until it is told to stop; how many calls have failed.
async fn call_until(client: StockClient, mut stopped: oneshot::Receiver<()>) -> usize {
    let mut failed = 0;
    while stopped.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
        failed += usize::from(client.level("tea").await.is_err());
    }
    failed
}
