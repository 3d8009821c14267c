//! Whoever drops a call cancels it: RST_STREAM goes out, and on the other side the handler is
//! dropped where it stands. A task that the handler spawned is not part of it.

use std::future::{Future, pending};

use client_write_path::CallOptions;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::{Request, Response, Status, transport::Server};
use traitwire::{Stream, stream_fn};
use wire::tap::Tap;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient, LabServer},
    go,
    rig::{Rig, dial_ours, passed, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "dropping-is-cancelling",
    claim: "dropping a call cancels it, down to the handler; a task of its own lives on",
    run: || alone(run()),
};

async fn run() -> Result {
    let service = |say: Say| {
        stock::unary(move |_: Request<Chunk>| {
            let wait = wait(say.clone());
            async { wait.await.map(Response::new) }
        })
    };
    let (say, heard) = unbounded_channel();
    let (channel, tap) = Rig::default().connect(service(say)).await?;
    let stock = leave(stock::Client::new(channel).ask(Chunk::default()), &tap, heard).await;

    let (say, heard) = unbounded_channel();
    let io = serve(Server::builder(), LabServer::new(Waiting { say }));
    let (channel, tap) = dial_ours(io).await?;
    let mut answers = LabClient::new(channel).pull(Chunk::default());
    let ours = leave(async move { answers.message().await }, &tap, heard).await;

    let (say, heard) = unbounded_channel();
    let (client, tap) = go::Client::connect(serve(Server::builder(), service(say))).await?;
    let go = leave(client.ask(Chunk::default(), CallOptions::default()), &tap, heard).await;

    let expected = "RST_STREAM CANCEL, then the handler is dropped, its task is done";
    Ok(Verdict {
        holds: [&stock, &ours, &go].iter().all(|it| *it == expected),
        saw: vec![
            format!("stock tonic, one answer   {stock}"),
            format!("Traitwire, a stream       {ours}"),
            format!("like grpc-go, one answer  {go}"),
        ],
    })
}

/// Makes a call, and drops it when the handler runs. Returns what follows.
async fn leave<T>(call: impl Future<Output = T>, tap: &Tap, mut heard: Heard) -> String {
    tokio::select! {
        _ = call => return "the call ended by itself".to_owned(),
        _ = heard.recv() => tap.forget(),
    }
    settle().await;
    settle().await;
    let mut said = Vec::new();
    while let Ok(next) = heard.try_recv() {
        said.push(next);
    }
    let passed = passed(tap).join(", ");
    format!("{}, then {}", passed.trim_start_matches("client → "), said.join(", "))
}

type Say = UnboundedSender<&'static str>;
type Heard = UnboundedReceiver<&'static str>;

/// A handler that waits. It says that it runs, when it is dropped, and when its task is done.
async fn wait<T>(say: Say) -> Result<T, Status> {
    let _ = say.send("runs");
    let _dropped = Dropped { say: say.clone() };
    tokio::spawn(async move {
        settle().await;
        let _ = say.send("its task is done");
    });
    pending().await
}

struct Dropped {
    say: Say,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.say.send("the handler is dropped");
    }
}

struct Waiting {
    say: Say,
}

impl Lab for Waiting {
    fn pull(&self, _: Chunk) -> impl Stream<Item = Result<Chunk, Status>> {
        stream_fn(async |_| wait(self.say.clone()).await)
    }
}
