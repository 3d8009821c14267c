//! Stock tonic: what tonic-build writes for a service, for one method and by hand.

use std::{convert::Infallible, future::Future};

use http::{Request as HttpRequest, Response as HttpResponse};
use tokio_stream::Stream;
use tonic::{
    IntoRequest, IntoStreamingRequest, Request, Response, Status, Streaming, body::Body, client,
    server, transport::Channel,
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};
use traitwire::MethodKind;

use crate::contract::{Chunk, path};

type Codec = ProstCodec<Chunk, Chunk>;

/// The client of `Lab`.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) grpc: client::Grpc<Channel>,
}

impl Client {
    pub(crate) fn new(channel: Channel) -> Self {
        Self { grpc: client::Grpc::new(channel) }
    }

    /// One message each way.
    pub(crate) async fn ask(
        &mut self,
        request: impl IntoRequest<Chunk>,
    ) -> Result<Response<Chunk>, Status> {
        self.ready().await?;
        let request = request.into_request();
        self.grpc.unary(request, path(MethodKind::Unary), Codec::default()).await
    }

    /// One message out, a stream back.
    pub(crate) async fn pull(
        &mut self,
        request: impl IntoRequest<Chunk>,
    ) -> Result<Response<Streaming<Chunk>>, Status> {
        self.ready().await?;
        let (request, path) = (request.into_request(), path(MethodKind::ServerStreaming));
        self.grpc.server_streaming(request, path, Codec::default()).await
    }

    /// A stream out, one message back.
    pub(crate) async fn push(
        &mut self,
        requests: impl IntoStreamingRequest<Message = Chunk>,
    ) -> Result<Response<Chunk>, Status> {
        self.ready().await?;
        let (requests, path) =
            (requests.into_streaming_request(), path(MethodKind::ClientStreaming));
        self.grpc.client_streaming(requests, path, Codec::default()).await
    }

    /// A stream each way.
    pub(crate) async fn talk(
        &mut self,
        requests: impl IntoStreamingRequest<Message = Chunk>,
    ) -> Result<Response<Streaming<Chunk>>, Status> {
        self.ready().await?;
        let (requests, path) = (requests.into_streaming_request(), path(MethodKind::Bidirectional));
        self.grpc.streaming(requests, path, Codec::default()).await
    }

    async fn ready(&mut self) -> Result<(), Status> {
        let ready = self.grpc.ready().await;
        ready.map_err(|error| Status::unknown(format!("Service was not ready: {error}")))
    }
}

/// What a server makes of requests.
pub(crate) trait Serves:
    Service<HttpRequest<Body>, Response = HttpResponse<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Serves for S where
    S: Service<HttpRequest<Body>, Response = HttpResponse<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A server whose every path is this method.
macro_rules! server {
    ($(#[$doc:meta])* $name:ident($request:ty) -> $answer:ty $(, $stream:ident)?) => {
        $(#[$doc])*
        pub(crate) fn $name<F, R $(, $stream)?>(
            handler: F,
        ) -> impl Serves
        where
            F: Fn(Request<$request>) -> R + Clone + Send + Sync + 'static,
            R: Future<Output = Result<Response<$answer>, Status>> + Send + 'static,
            $($stream: Stream<Item = Result<Chunk, Status>> + Send + 'static,)?
        {
            service_fn(move |request| {
                let handler = service_fn(handler.clone());
                async { Ok(server::Grpc::new(Codec::default()).$name(handler, request).await) }
            })
        }
    };
}

server! {
    /// One message each way.
    unary(Chunk) -> Chunk
}
server! {
    /// One message in, a stream back.
    server_streaming(Chunk) -> S, S
}
server! {
    /// A stream in, one message back.
    client_streaming(Streaming<Chunk>) -> Chunk
}
server! {
    /// A stream each way.
    streaming(Streaming<Chunk>) -> S, S
}
