//! A frame of DATA below 256 bytes costs what it lacks, until it is read. Who does not read runs out
//! of budget long before the window is full, and the budget is the connection's.

use std::{fmt, future::pending};

use tokio::time::timeout;
use tonic::{Request, Response, Status};
use traitwire::{Stream, StreamExt, stream_fn};
use wire::{Side, tap::Tap};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    rig::{MINUTE, Rig, calmed, data_sizes, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "tiny-messages-kill",
    claim: "tiny messages that nobody reads kill their connection, and all its calls",
    run: || alone(run()),
};

/// Half of the connection's window: 1 MiB of a server, 5 MiB of a client.
const SERVER: usize = (1 << 20) / 2;
const CLIENT: usize = (5 << 20) / 2;

async fn run() -> Result {
    let (tiny, another) = unread_by_server(15).await?;
    let (padded, safe) = unread_by_server(256).await?;
    let answers = unread_by_client(18).await?;
    Ok(Verdict {
        saw: vec![
            format!("the server does not read, messages of 15 bytes: {tiny}"),
            format!("    another call of this connection {another}"),
            format!("the server does not read, messages of 256 bytes: {padded}"),
            format!("    another call of this connection {safe}"),
            format!("the client does not read, messages of 18 bytes: {answers}"),
        ],
        holds: (tiny.frames, tiny.killed) == (SERVER / (256 - 15) + 1, true)
            && another == "fails"
            && (padded.frames, padded.killed) == ((1 << 20) / 256, false)
            && safe == "goes on"
            && (answers.frames, answers.killed) == (CLIENT / (256 - 18) + 1, true),
    })
}

/// What becomes of a connection whose handler leaves messages of this length unread, and of another
/// call on it.
async fn unread_by_server(length: usize) -> Result<(Outcome, &'static str)> {
    let service = stock::client_streaming(async |unread: Request<tonic::Streaming<Chunk>>| {
        pending::<()>().await;
        drop(unread);
        Ok(Response::new(Chunk::default()))
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    let (mut one, mut two) = (stock::Client::new(channel.clone()), stock::Client::new(channel));
    let push = one.push(one_by_one(length).filter_map(Result::ok));
    let another = two.push(tokio_stream::pending());
    let (_, another) = tokio::join!(timeout(MINUTE, push), timeout(MINUTE, another));
    let another = if another.is_err() { "goes on" } else { "fails" };
    Ok((Outcome::of(&tap, Side::Client), another))
}

/// What becomes of a connection whose client leaves messages of this length unread.
async fn unread_by_client(length: usize) -> Result<Outcome> {
    let service = stock::server_streaming(move |_: Request<Chunk>| async move {
        Ok(Response::new(one_by_one(length)))
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    let _unread = stock::Client::new(channel).pull(Chunk::default()).await?;
    tokio::time::sleep(MINUTE).await;
    Ok(Outcome::of(&tap, Side::Server))
}

/// Messages of this length, each in a frame of its own.
fn one_by_one(length: usize) -> impl Stream<Item = Result<Chunk, Status>> {
    stream_fn(async move |mut out| {
        while out.send(Chunk::taking(length)).await.is_ok() {
            settle().await;
        }
        Ok(())
    })
}

struct Outcome {
    frames: usize,
    killed: bool,
}

impl Outcome {
    fn of(tap: &Tap, from: Side) -> Self {
        let killed = calmed(tap, from.peer());
        Self { frames: data_sizes(tap, from).len(), killed }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames, killed } = self;
        let end = if *killed { "GOAWAY ENHANCE_YOUR_CALM" } else { "the window is full" };
        write!(f, "{frames}, then {end}")
    }
}
