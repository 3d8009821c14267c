//! `max_connection_age` asks the caller to come again, and lets its calls run. With a grace period
//! tonic waits for both, one after the other, and then drops the connection without a word.

use std::time::Duration;

use tonic::{Code, Response, transport::Server};
use traitwire::{Status, stream_fn};
use wire::{Side, frame::Kind};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::Chunk,
    rig::{Rig, frames, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 19,
    name: "age-with-grace-cuts",
    claim: "max_connection_age_grace replaces the GOAWAY of max_connection_age by a cut",
    run: || alone(run()),
};

const AGE: Duration = Duration::from_millis(210);

async fn run() -> Result {
    let aged = Server::builder().max_connection_age(AGE);
    let age = stream_over(aged.clone()).await?;
    let grace = stream_over(aged.max_connection_age_grace(AGE)).await?;
    Ok(Verdict {
        saw: vec![
            "a stream of 16 messages, one every 50 ms, over a connection with".to_owned(),
            format!("an age of 210 ms:                 {age}"),
            format!("the same and 210 ms of grace:     {grace}"),
        ],
        holds: age == "2 GOAWAY, 16 messages, Ok" && grace == "0 GOAWAY, 8 messages, Unknown",
    })
}

/// What arrives of a stream that goes on for 800 ms.
async fn stream_over(server: Server) -> Result<String> {
    let service = stock::server_streaming(async |_| {
        let ticks = stream_fn(async |mut out| {
            for _ in 0..16 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                out.send(Chunk::taking(20)).await?;
            }
            Ok::<_, Status>(())
        });
        Ok(Response::new(ticks))
    });
    let (channel, tap) = Rig { server, ..Rig::default() }.connect(service).await?;
    let mut answers = stock::Client::new(channel).pull(Chunk::default()).await?.into_inner();
    let mut messages = 0;
    let end = loop {
        match answers.message().await {
            Ok(Some(_)) => messages += 1,
            Ok(None) => break Code::Ok,
            Err(status) => break status.code(),
        }
    };
    settle().await;
    let goaways = frames(&tap, Side::Server, Kind::GOAWAY).len();
    Ok(format!("{goaways} GOAWAY, {messages} messages, {end:?}"))
}
