//! tonic sends the headers of a call alone: its stream has no room for a message before they are
//! gone. A message of 256 bytes with its prefix is a write of its own, and the end of the stream,
//! which is an empty frame, then one more. grpc-go queues headers and message before it writes, and so
//! does Traitwire, which ends the stream with the frame of the message.

use std::time::{Duration, Instant};

use client_write_path::CallOptions;
use tokio::{net::TcpListener, runtime::Builder};
use tonic::{
    Response,
    transport::{Endpoint, Server, server::TcpIncoming},
};
use wire::Side;

use crate::{
    claim::{Claim, Figure, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient},
    go,
    rig::{Rig, dial_ours, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "unary-calls-take-two-writes",
    claim: "tonic sends a unary call in two writes or more, grpc-go and Traitwire a small one in one",
    run: || alone(run()),
};

/// What it costs when the second write waits for an answer to the first.
pub(crate) const FIGURE: Figure =
    Figure { chapter: 18, name: "calls-without-nodelay", run: delays };

async fn run() -> Result {
    let service = stock::unary(async |_| Ok(Response::new(Chunk::default())));
    let (channel, tonic) = Rig::default().connect(service.clone()).await?;
    let mut client = stock::Client::new(channel);
    let (channel, ours) = dial_ours(serve(Server::builder(), service.clone())).await?;
    let our_client = LabClient::new(channel);
    let (go_client, go) = go::Client::connect(serve(Server::builder(), service)).await?;
    // The first call tells the connection the names of the headers; those after it are alike.
    client.ask(Chunk::default()).await?;
    our_client.ask(Chunk::default()).await?;
    go_client.ask(Chunk::default(), CallOptions::default()).await?;

    let mut saw =
        vec!["writes for a message of       tonic  Traitwire  grpc-go's manner".to_owned()];
    let mut seen = Vec::new();
    for length in [20, 255, 256, 20_000, 1_000_000] {
        settle().await;
        tonic.forget();
        ours.forget();
        go.forget();
        client.ask(Chunk::taking(length)).await?;
        our_client.ask(Chunk::taking(length)).await?;
        go_client.ask(Chunk::taking(length), CallOptions::default()).await?;
        let [tonic, ours, go] = [&tonic, &ours, &go].map(|tap| tap.writes(Side::Client).len());
        saw.push(format!("{length:>17} bytes{tonic:>12}{ours:>11}{go:>18}"));
        seen.push((tonic, ours, go));
    }
    Ok(Verdict { saw, holds: seen == [(2, 1, 1), (2, 1, 1), (3, 1, 1), (4, 2, 1), (64, 62, 31)] })
}

/// How long a call takes, with nodelay and without it.
fn delays() -> Result<Vec<String>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut lines = Vec::new();
    for (client, server) in [(true, true), (false, true), (true, false), (false, false)] {
        for length in [50, 2_000] {
            let median = runtime.block_on(median(client, server, length))?;
            lines.push(format!(
                "nodelay at the client {client:<5} and the server {server:<5}, answers of {length:>4} \
                 bytes: {:>5.1} ms",
                median.as_secs_f64() * 1e3,
            ));
        }
    }
    Ok(lines)
}

/// How long most calls take over a socket, for answers that take so many bytes.
async fn median(client: bool, server: bool, length: usize) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(server));
    let service = stock::unary(move |_| async move { Ok(Response::new(Chunk::taking(length))) });
    tokio::spawn(Server::builder().serve_with_incoming(service, incoming));

    let channel = Endpoint::new(address)?.tcp_nodelay(client).connect().await?;
    let mut client = stock::Client::new(channel);
    let mut times = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        client.ask(Chunk::taking(50)).await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
