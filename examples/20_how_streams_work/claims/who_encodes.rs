//! Who runs the encoder, and the compressor with it. The calls of a tonic channel share a task, which
//! belongs to the connection; only a stream that pauses has one of its own. In grpc-go every caller
//! encodes what it sends.

use std::{collections::HashSet, fmt};

use client_write_path::{CallOptions, ClientConn};
use tokio::task::{Id, JoinSet};
use tokio_stream::StreamExt;
use tonic::{
    Request, Response, Streaming,
    client::Grpc,
    transport::{Channel, Server},
};
use tonic_prost::ProstCodec;
use traitwire::MethodKind;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, method, path},
    go,
    rig::{Rig, serve, settle},
    stock,
    witness::Witness,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 18,
    name: "who-encodes",
    claim: "tonic encodes on a task of the connection, grpc-go on the caller's",
    run: || alone(run()),
};

async fn run() -> Result {
    let echo = stock::streaming(async |requests: Request<Streaming<Chunk>>| {
        Ok(Response::new(requests.into_inner()))
    });
    let (channel, _) = Rig::default().connect(echo.clone()).await?;
    let (client, _) = go::Client::connect(serve(Server::builder(), echo)).await?;

    let tonic = Tasks::of(|| ask(channel.clone())).await?;
    let go = Tasks::of(|| ask_go(client.conn.clone())).await?;
    let [first, second] = push(channel).await?.map(|task| {
        if tonic.encoders.contains(&task) { "on the same task" } else { "on one of its own" }
    });
    Ok(Verdict {
        saw: vec![
            format!("tonic, 3 calls:        {tonic}"),
            format!("like grpc-go, 3 calls: {go}"),
            format!("tonic, a stream:       first message {first}, after a pause {second}"),
        ],
        holds: tonic.counts() == (1, 0, 3)
            && go.counts() == (3, 3, 3)
            && (first, second) == ("on the same task", "on one of its own"),
    })
}

/// The tasks of three calls.
#[derive(Default)]
struct Tasks {
    callers: HashSet<Id>,
    encoders: HashSet<Id>,
    decoders: HashSet<Id>,
}

impl Tasks {
    async fn of<F>(call: impl Fn() -> F) -> Result<Self>
    where
        F: Future<Output = Result<(Id, Id)>> + Send + 'static,
    {
        let mut calls: JoinSet<_> = (0..3).map(|_| call()).collect();
        let mut tasks = Self::default();
        while let Some(called) = calls.join_next_with_id().await {
            let (caller, called) = called?;
            let (encoder, decoder) = called?;
            tasks.callers.insert(caller);
            tasks.encoders.insert(encoder);
            tasks.decoders.insert(decoder);
        }
        Ok(tasks)
    }

    /// How many encode, how many of them are callers, and how many callers decode.
    fn counts(&self) -> (usize, usize, usize) {
        let callers = |tasks: &HashSet<Id>| tasks.intersection(&self.callers).count();
        (self.encoders.len(), callers(&self.encoders), callers(&self.decoders))
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (encoders, own, decoders) = self.counts();
        write!(
            f,
            "tasks that encode: {encoders}, callers among them: {own}; callers that decode: {decoders}"
        )
    }
}

type Codec = ProstCodec<Witness, Witness>;

/// A unary call: which task encodes the request, and which decodes the answer.
async fn ask(channel: Channel) -> Result<(Id, Id)> {
    let mut grpc = Grpc::new(channel);
    grpc.ready().await?;
    let (request, path) = (Witness::default(), path(MethodKind::Unary));
    let answer = grpc.unary(Request::new(request.clone()), path, Codec::default()).await?;
    Ok((request.encoder()?, answer.into_inner().decoder()?))
}

/// The same in grpc-go's manner.
async fn ask_go(conn: ClientConn) -> Result<(Id, Id)> {
    let (request, method) = (Witness::default(), method(MethodKind::Unary));
    let answer: Witness = conn.invoke(method, &request, CallOptions::default()).await?;
    Ok((request.encoder()?, answer.decoder()?))
}

/// A message, a pause and another message: which task encodes the one, and which the other.
async fn push(channel: Channel) -> Result<[Id; 2]> {
    let mut grpc = Grpc::new(channel);
    grpc.ready().await?;
    let (first, second) = (Witness::default(), Witness::default());
    let late = tokio_stream::once(second.clone()).then(async |message| {
        settle().await;
        message
    });
    let requests = Request::new(tokio_stream::once(first.clone()).chain(late));
    grpc.client_streaming(requests, path(MethodKind::ClientStreaming), Codec::default()).await?;
    Ok([first.encoder()?, second.encoder()?])
}
