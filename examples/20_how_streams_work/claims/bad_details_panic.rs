//! What a client does with `grpc-status-details-bin` that is not base64: tonic's decodes it with
//! `expect`. So one header of a server ends the task that called it.

use std::panic;

use tokio::io::DuplexStream;
use tonic::{Status, transport::Endpoint};
use wire::frame::{Frame, Kind};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient},
    raw::{self, Raw},
    rig::{PIPE, dial, dial_ours},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 17,
    name: "bad-details-panic",
    claim: "status details that are not base64 make a stock client of tonic panic",
    run: || alone(run()),
};

async fn run() -> Result {
    let stock = |io| async {
        let (channel, _) = dial(Endpoint::from_static("http://lab"), io).await?;
        Ok(stock::Client::new(channel).ask(Chunk::default()).await.map(drop))
    };
    let ours = |io| async {
        let (channel, _) = dial_ours(io).await?;
        Ok(LabClient::new(channel).ask(Chunk::default()).await.map(drop))
    };
    let (stock, ours) = (call(stock).await?, call(ours).await?);
    Ok(Verdict {
        saw: vec![
            format!("a server answers grpc-status 16, grpc-status-details-bin {DETAILS}"),
            format!("stock tonic: {stock}"),
            format!("Traitwire:   {ours}"),
        ],
        holds: stock == "the task panics" && ours == "Unauthenticated, 0 bytes of details",
    })
}

/// What the server calls details.
const DETAILS: &str = "%%%";

/// How a call ends that such a server answers.
async fn call<F>(call: impl FnOnce(DuplexStream) -> F) -> Result<String>
where
    F: Future<Output = Result<Result<(), Status>>> + Send + 'static,
{
    let (client, server) = tokio::io::duplex(PIPE);
    let mut server = Raw::server(server).await?;

    let call = tokio::spawn(call(client));
    server
        .tap
        .until(|seen| seen.iter().filter_map(|it| it.frame()).any(|it| it.kind == Kind::HEADERS))
        .await;
    let trailers = raw::block(&[
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", "16"),
        ("grpc-status-details-bin", DETAILS),
    ]);
    // A panic prints a line that is of no use here.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let sent = server.send([Frame::headers(1, trailers, true)]).await;
    let outcome = call.await;
    panic::set_hook(hook);
    sent?;
    Ok(match outcome {
        Ok(answered) => match answered? {
            Ok(()) => "OK".to_owned(),
            Err(status) => {
                format!("{:?}, {} bytes of details", status.code(), status.details().len())
            }
        },
        Err(error) if error.is_panic() => "the task panics".to_owned(),
        Err(error) => return Err(error.into()),
    })
}
