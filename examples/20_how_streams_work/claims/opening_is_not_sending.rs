//! A stock client waits for the headers of the answer before it gives the caller a stream. A handler
//! that reads first, and a caller that sends after that, wait for each other.

use client_write_path::CallOptions;
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, transport::Server};
use traitwire::{MethodKind, Stream, Streaming, stream_fn};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient, LabServer, method},
    go,
    rig::{MINUTE, Rig, dial_ours, passed, serve},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "opening-is-not-sending",
    claim: "a client that waits for headers and a handler that waits for a message wait for ever",
    run: || alone(run()),
};

async fn run() -> Result {
    let (late, early) = (stock(false).await?, stock(true).await?);
    let (ours, go) = (ours().await?, go().await?);
    let holds = !late.answered
        && late.passed == ["client → HEADERS"]
        && [&early, &ours, &go].iter().all(|run| run.answered);
    let mut saw = Vec::new();
    for (what, run) in [
        ("stock tonic, a message once the call is open", late),
        ("stock tonic, a message before the call", early),
        ("Traitwire, a message once the call is open", ours),
        ("grpc-go's manner, a message once it is open", go),
    ] {
        let outcome = if run.answered { "answered" } else { "both wait" };
        saw.push(format!("{what:<46}{outcome}"));
        saw.extend(run.passed.iter().map(|line| format!("    {line}")));
    }
    Ok(Verdict { saw, holds })
}

struct Seen {
    passed: Vec<String>,
    answered: bool,
}

async fn reads_first(
    requests: Request<tonic::Streaming<Chunk>>,
) -> Result<Response<impl Stream<Item = Result<Chunk, Status>>>, Status> {
    let first = requests.into_inner().message().await?.unwrap_or_default();
    Ok(Response::new(tokio_stream::once(Ok(first))))
}

/// A stock client, and a stock handler that reads before it returns its stream.
async fn stock(queued: bool) -> Result<Seen> {
    let (channel, tap) = Rig::default().connect(stock::streaming(reads_first)).await?;
    let (sender, requests) = mpsc::channel(1);
    if queued {
        sender.send(Chunk::taking(15)).await?;
    }
    let mut client = stock::Client::new(channel);
    let call = async {
        let mut answers = client.talk(ReceiverStream::new(requests)).await?.into_inner();
        if !queued {
            sender.send(Chunk::taking(15)).await?;
        }
        Result::<bool>::Ok(answers.message().await?.is_some())
    };
    let answered = timeout(MINUTE, call).await.unwrap_or(Ok(false))?;
    Ok(Seen { passed: passed(&tap), answered })
}

/// The same with Traitwire, whose stream is there at once.
async fn ours() -> Result<Seen> {
    let io = serve(Server::builder(), LabServer::new(ReadsFirst));
    let (channel, tap) = dial_ours(io).await?;
    let (mut sender, requests) = Streaming::channel(1);
    let mut answers = LabClient::new(channel).talk(requests);
    sender.send(Chunk::taking(15)).await?;
    let answered = timeout(MINUTE, answers.message()).await.unwrap_or(Ok(None))?.is_some();
    Ok(Seen { passed: passed(&tap), answered })
}

/// The same in grpc-go's manner, where opening a call waits for nobody.
async fn go() -> Result<Seen> {
    let io = serve(Server::builder(), stock::streaming(reads_first));
    let (client, tap) = go::Client::connect(io).await?;
    let options = CallOptions::default();
    let mut call =
        client.conn.new_client_stream(method(MethodKind::Bidirectional), options).await?;
    // An error says that the call is over; the next line says how.
    let _ = call.send_msg(&Chunk::taking(15)).await;
    let answer: Option<Chunk> = timeout(MINUTE, call.recv_msg()).await.unwrap_or(Ok(None))?;
    Ok(Seen { passed: passed(&tap), answered: answer.is_some() })
}

struct ReadsFirst;

impl Lab for ReadsFirst {
    fn talk(&self, mut requests: Streaming<Chunk>) -> impl Stream<Item = Result<Chunk, Status>> {
        stream_fn(async move |mut out| {
            let first = requests.message().await?.unwrap_or_default();
            out.send(first).await?;
            Ok(())
        })
    }
}
