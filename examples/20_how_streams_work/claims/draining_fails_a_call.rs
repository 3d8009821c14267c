//! What becomes of a call that is begun while the connection drains: it is not sent, and to tonic it
//! has failed. tonic does not make it on another connection, as grpc-go does, and Traitwire; it says
//! CANCELLED, which is what a caller would have done.

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

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient},
    rig::{PIPE, channel_over, serve, settle},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 19,
    name: "draining-fails-a-call",
    claim: "a graceful shutdown fails the next call of a channel, and the one after it connects",
    run: || alone(run()),
};

async fn run() -> Result {
    let stock = async |channel| stock::Client::new(channel).ask(Chunk::default()).await.map(drop);
    let ours = async |channel: traitwire::Channel| {
        LabClient::new(channel).ask(Chunk::default()).await.map(drop)
    };
    let (stock, ours) = (drain(stock_over, stock).await?, drain(channel_over, ours).await?);
    Ok(Verdict {
        saw: vec![
            "a call that runs, the next one, and the one after it".to_owned(),
            format!("stock tonic: {stock:?}"),
            format!("Traitwire:   {ours:?}"),
        ],
        holds: stock == [Code::Ok, Code::Cancelled, Code::Ok] && ours == [Code::Ok; 3],
    })
}

/// How three calls end: one that runs when the server begins to drain, and two that come then.
async fn drain<C: Clone>(
    connect: impl AsyncFnOnce([DuplexStream; 2]) -> Result<C>,
    call: impl AsyncFn(C) -> Result<(), Status>,
) -> Result<[Code; 3]> {
    let (stop, stopped) = oneshot::channel::<()>();
    let slow = stock::unary(async |_: Request<Chunk>| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Response::new(Chunk::default()))
    });
    let quick = stock::unary(async |_: Request<Chunk>| Ok(Response::new(Chunk::default())));
    let first = serve_until(slow, async { drop(stopped.await) });
    let channel = connect([first, serve(Server::builder(), quick)]).await?;

    let (running, (next, third)) = tokio::join!(call(channel.clone()), async {
        settle().await;
        drop(stop);
        // The client has read the GOAWAY.
        settle().await;
        (call(channel.clone()).await, call(channel.clone()).await)
    });
    Ok([running, next, third].map(|outcome| outcome.map_or_else(|it| it.code(), |()| Code::Ok)))
}

/// A channel of tonic over these connections, one after the other.
async fn stock_over(connections: [DuplexStream; 2]) -> Result<Channel> {
    let mut connections = connections.into_iter();
    let connect = service_fn(move |_| {
        let next = connections.next().map(TokioIo::new);
        std::future::ready(next.ok_or("there are two connections"))
    });
    Ok(Endpoint::from_static("http://lab").connect_with_connector(connect).await?)
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
