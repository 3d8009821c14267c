//! The caller's END_STREAM closes its direction, and the server goes on. The server's END_STREAM
//! comes with the status, so it closes the call.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response};
use traitwire::stream_fn;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    rig::{Rig, passed},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "half-close",
    claim: "the caller's end closes its direction, the server's end closes the call",
    run: || alone(run()),
};

async fn run() -> Result {
    let service = stock::streaming(async |requests: Request<tonic::Streaming<Chunk>>| {
        let mut requests = requests.into_inner();
        Ok(Response::new(stream_fn(async move |mut out| {
            while let Some(request) = requests.message().await? {
                if request == last_word() {
                    return Ok(());
                }
            }
            out.send(Chunk::taking(20)).await?;
            Ok(())
        })))
    });
    let (channel, tap) = Rig::default().connect(service).await?;
    let mut client = stock::Client::new(channel);

    let (sender, requests) = mpsc::channel(1);
    let mut answers = client.talk(ReceiverStream::new(requests)).await?.into_inner();
    sender.send(Chunk::taking(15)).await?;
    drop(sender);
    while answers.message().await?.is_some() {}
    let caller_first = passed(&tap);

    tap.forget();
    let (sender, requests) = mpsc::channel(1);
    let mut answers = client.talk(ReceiverStream::new(requests)).await?.into_inner();
    sender.send(last_word()).await?;
    while answers.message().await?.is_some() {}
    let is_read = sender.send(Chunk::taking(15)).await.is_ok();
    let server_first = passed(&tap);

    let holds = caller_first
        == [
            "client → HEADERS",
            "server → HEADERS",
            "client → DATA 15, DATA 0 END_STREAM",
            "server → DATA 20, HEADERS END_STREAM",
        ]
        && server_first
            == [
                "client → HEADERS",
                "server → HEADERS",
                "client → DATA 5",
                "server → HEADERS END_STREAM, RST_STREAM NO_ERROR",
            ]
        && !is_read;
    let mut saw = vec!["the caller ends first, and the server goes on".to_owned()];
    saw.extend(caller_first.iter().map(|line| format!("    {line}")));
    saw.push("the server ends first, and nobody reads what the caller sends".to_owned());
    saw.extend(server_first.iter().map(|line| format!("    {line}")));
    Ok(Verdict { saw, holds })
}

/// A message after which the server says no more.
fn last_word() -> Chunk {
    Chunk::default()
}
