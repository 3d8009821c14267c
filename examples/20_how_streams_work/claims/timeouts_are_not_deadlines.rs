//! tonic's timeout is a race against the headers of the answer, and says CANCELLED. gRPC's deadline
//! is for the whole call, and says DEADLINE_EXCEEDED.

use std::time::Duration;

use client_write_path::CallOptions;
use tokio::time::sleep;
use tonic::{Code, Request, Response, Status, transport::Server};
use traitwire::{MethodKind, Stream, StreamExt, stream_fn};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient, LabServer, method},
    go,
    rig::{Rig, dial_ours, serve},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 20,
    name: "timeouts-are-not-deadlines",
    claim: "stock tonic's timeout ends with the headers, Traitwire's deadline with the call",
    run: || alone(run()),
};

const TIMEOUT: Duration = Duration::from_millis(225);
const PAUSE: Duration = Duration::from_millis(50);
const MESSAGES: usize = 20;

async fn run() -> Result {
    let stock = [stock(Duration::ZERO).await?, stock(2 * TIMEOUT).await?];
    let ours = [ours(Duration::ZERO).await?, ours(2 * TIMEOUT).await?];
    let go = [go(Duration::ZERO).await?, go(2 * TIMEOUT).await?];
    let line = |who: &str, [(count, code), (_, late)]: &[(usize, Code); 2]| {
        format!("{who:<13}{count:>2} of {MESSAGES}, then {code:?}; with a late beginning {late:?}")
    };
    Ok(Verdict {
        saw: vec![
            "a message every 50 ms, a timeout of 225 ms".to_owned(),
            line("stock tonic", &stock),
            line("Traitwire", &ours),
            line("like grpc-go", &go),
        ],
        holds: stock == [(MESSAGES, Code::Ok), (0, Code::Cancelled)]
            && [ours, go] == [[(4, Code::DeadlineExceeded), (0, Code::DeadlineExceeded)]; 2],
    })
}

/// A stock server. Its headers are as late as the first answer.
fn slow(before: Duration) -> impl stock::Serves {
    stock::server_streaming(move |_: Request<Chunk>| async move {
        sleep(before).await;
        Ok(Response::new(answers(Duration::ZERO)))
    })
}

/// How many answers a stock client gets from a stock server, and how the call ends.
async fn stock(before: Duration) -> Result<(usize, Code)> {
    let (channel, _) = Rig::default().connect(slow(before)).await?;
    let mut request = Request::new(Chunk::default());
    request.set_timeout(TIMEOUT);
    match stock::Client::new(channel).pull(request).await {
        Ok(answers) => Ok(count(answers.into_inner()).await),
        Err(status) => Ok((0, status.code())),
    }
}

/// The same with a server and a client of Traitwire.
async fn ours(before: Duration) -> Result<(usize, Code)> {
    let io = serve(Server::builder(), LabServer::new(Slow { before }));
    let (channel, _) = dial_ours(io).await?;
    let options = traitwire::CallOptions::new().timeout(TIMEOUT);
    let client = LabClient::new(channel).with(options);
    Ok(count(client.pull(Chunk::default())).await)
}

/// A client in grpc-go's manner, and a stock server.
async fn go(before: Duration) -> Result<(usize, Code)> {
    let (client, _) = go::Client::connect(serve(Server::builder(), slow(before))).await?;
    let options = CallOptions { timeout: Some(TIMEOUT), ..CallOptions::default() };
    let method = method(MethodKind::ServerStreaming);
    let mut call = client.conn.new_client_stream::<_, Chunk>(method, options).await?;
    let _ = call.send_msg(&Chunk::default()).await;
    let answers = stream_fn(async move |mut out| {
        while let Some(answer) = call.recv_msg().await? {
            out.send(answer).await?;
        }
        Ok(())
    });
    Ok(count(answers).await)
}

struct Slow {
    before: Duration,
}

impl Lab for Slow {
    fn pull(&self, _: Chunk) -> impl Stream<Item = Result<Chunk, Status>> {
        answers(self.before)
    }
}

fn answers(before: Duration) -> impl Stream<Item = Result<Chunk, Status>> {
    stream_fn(async move |mut out| {
        sleep(before).await;
        for _ in 0..MESSAGES {
            sleep(PAUSE).await;
            out.send(Chunk::default()).await?;
        }
        Ok(())
    })
}

async fn count(answers: impl Stream<Item = Result<Chunk, Status>>) -> (usize, Code) {
    let mut answers = std::pin::pin!(answers);
    let mut count = 0;
    loop {
        match answers.next().await {
            Some(Ok(_)) => count += 1,
            Some(Err(status)) => return (count, status.code()),
            None => return (count, Code::Ok),
        }
    }
}
