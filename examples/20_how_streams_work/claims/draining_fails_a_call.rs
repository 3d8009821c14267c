//! What becomes of a call that is begun while the connection drains: it is not sent, and it fails.
//! tonic does not make it again on another connection, as grpc-go does; it says CANCELLED, which is
//! what a caller would have done. Traitwire says UNAVAILABLE, which may be tried again.

use std::{convert::Infallible, time::Duration};

use http::{Request as HttpRequest, Response as HttpResponse};
use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::oneshot};
use tokio_stream::StreamExt;
use tonic::{
    Code, Request, Response, Status,
    body::Body,
    transport::{Channel, Endpoint, Server},
};
use tower::{Service, service_fn};
use traitwire::TonicChannel;

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient},
    rig::{PIPE, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 19,
    name: "draining-fails-a-call",
    claim: "a graceful shutdown fails the next call of a channel, and the one after it connects",
    run: || alone(run()),
};

async fn run() -> Result {
    let ask = Chunk::default;
    let stock =
        drain(async |channel| stock::Client::new(channel).ask(ask()).await.map(drop)).await?;
    let ours = drain(async |channel| {
        LabClient::new(TonicChannel::from(channel)).ask(ask()).await.map(drop)
    })
    .await?;
    Ok(Verdict {
        saw: vec![
            "a call that runs, the next one, and the one after it".to_owned(),
            format!("stock tonic: {stock:?}"),
            format!("Traitwire:   {ours:?}"),
        ],
        holds: stock == [Code::Ok, Code::Cancelled, Code::Ok]
            && ours == [Code::Ok, Code::Unavailable, Code::Ok],
    })
}

/// How three calls end: one that runs when the server begins to drain, and two that come then.
async fn drain(call: impl AsyncFn(Channel) -> Result<(), Status>) -> Result<[Code; 3]> {
    let (stop, stopped) = oneshot::channel::<()>();
    let slow = stock::unary(async |_: Request<Chunk>| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Response::new(Chunk::default()))
    });
    let quick = stock::unary(async |_: Request<Chunk>| Ok(Response::new(Chunk::default())));
    let first = serve_until(slow, async { drop(stopped.await) });
    let mut connections = [first, serve(Server::builder(), quick)].into_iter();
    let connect = service_fn(move |_| {
        let next = connections.next().map(TokioIo::new);
        std::future::ready(next.ok_or("there are two connections"))
    });
    let channel = Endpoint::from_static("http://lab").connect_with_connector(connect).await?;

    let (running, (next, third)) = tokio::join!(call(channel.clone()), async {
        settle().await;
        drop(stop);
        // The client has read the GOAWAY.
        settle().await;
        (call(channel.clone()).await, call(channel.clone()).await)
    });
    Ok([running, next, third].map(|outcome| outcome.map_or_else(|it| it.code(), |()| Code::Ok)))
}

/// Serves one connection until the shutdown, and returns the caller's end of it.
fn serve_until<S>(service: S, shutdown: impl Future<Output = ()> + Send + 'static) -> DuplexStream
where
    S: Service<HttpRequest<Body>, Response = HttpResponse<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let (client, io) = tokio::io::duplex(PIPE);
    let incoming = tokio_stream::once(Ok::<_, Infallible>(io)).chain(tokio_stream::pending());
    tokio::spawn(async {
        Server::builder().serve_with_incoming_shutdown(service, incoming, shutdown).await
    });
    client
}
