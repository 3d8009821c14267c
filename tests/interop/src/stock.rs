//! The same server and client as stock tonic has them, with the stubs that it generates.
//!
//! What the cases need beside tonic, [`wire`], it has too. So where it fails and ours does not, that
//! is the library. A handler of tonic's cannot send trailers beside a good status, so a layer sends
//! its [`Trailers`].

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request as HttpRequest, Response as HttpResponse};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{body::Body, codec::CompressionEncoding::Gzip};
use tower::{Service, ServiceExt};
use traitwire::{Request, Response, Status, Stream, Streaming, Trailers};

use self::grpc::testing as stubs;
use crate::{
    cases::Returned,
    contract::{
        Empty, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
        StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
        TestService, UnimplementedService,
    },
    echo::Echo,
    service::{answer, asked_for, compressing, counted, new_id, part, total},
    wire::{self, BoxError, Compress, Seen, Wire},
};

/// What tonic-build makes of `proto/`.
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/stock.rs"));
}
use generated::grpc;

/// A server of the cases on stock tonic.
pub fn server<Q>()
-> impl Service<HttpRequest<Q>, Response = HttpResponse<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
where
    Q: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let server = stubs::test_service_server::TestServiceServer::new(StockServer { id: new_id() });
    let server = server.accept_compressed(Gzip).send_compressed(Gzip);
    wire::serving(ServiceExt::<HttpRequest<Body>>::map_response(server, with_trailers))
}

/// Sends the [`Trailers`] of a response.
fn with_trailers(mut response: HttpResponse<Body>) -> HttpResponse<Body> {
    let Some(trailers) = response.extensions_mut().remove::<Trailers>() else { return response };
    response.map(|body| {
        Body::new(body.map_frame(move |mut frame| {
            if let Some(there) = frame.trailers_mut() {
                there.extend(trailers.get().into_headers());
            }
            frame
        }))
    })
}

struct StockServer {
    id: String,
}

type Answers = ReceiverStream<Result<StreamingOutputCallResponse, Status>>;

#[tonic::async_trait]
impl stubs::test_service_server::TestService for StockServer {
    async fn empty_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Ok(Response::new(Empty {}))
    }

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        answer(request, &self.id)
    }

    async fn cacheable_unary_call(
        &self,
        _: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        Err(Status::unimplemented("nothing is cached"))
    }

    type StreamingOutputCallStream = Answers;

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<Answers>, Status> {
        let request = request.into_inner();
        let (answering, response) = Answering::new();
        tokio::spawn(async move { answering.all(&request).await });
        Ok(response)
    }

    async fn streaming_input_call(
        &self,
        requests: Request<tonic::Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let seen = Seen::of(requests.extensions());
        let mut requests = requests.into_inner();
        let mut sum = 0;
        while let Some(request) = requests.message().await? {
            sum += counted(request, &seen)?;
        }
        total(sum)
    }

    type FullDuplexCallStream = Answers;

    async fn full_duplex_call(
        &self,
        requests: Request<tonic::Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let echo = Echo::of(requests.metadata());
        let mut requests = requests.into_inner();
        let (answering, response) = Answering::new();
        tokio::spawn(async move {
            while let Some(request) = requests.next().await {
                let refused = match &request {
                    Ok(request) => asked_for(request.response_status.as_ref()).err(),
                    Err(status) => Some(status.clone()),
                };
                if let Some(status) = refused {
                    let _ = answering.sender.send(Err(status)).await;
                    return;
                }
                if let Ok(request) = request
                    && !answering.all(&request).await
                {
                    return;
                }
            }
        });
        Ok(echo.onto(response))
    }

    type HalfDuplexCallStream = Answers;

    async fn half_duplex_call(
        &self,
        requests: Request<tonic::Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let mut requests = requests.into_inner();
        let (answering, response) = Answering::new();
        tokio::spawn(async move {
            let mut all = Vec::new();
            while let Some(Ok(request)) = requests.next().await {
                all.push(request);
            }
            for request in &all {
                if !answering.all(request).await {
                    return;
                }
            }
        });
        Ok(response)
    }

    async fn unimplemented_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Err(Status::unimplemented("no server has it"))
    }
}

/// The half of a response that its task fills.
struct Answering {
    sender: mpsc::Sender<Result<StreamingOutputCallResponse, Status>>,
    compress: Compress,
}

impl Answering {
    fn new() -> (Self, Response<Answers>) {
        let (sender, answers) = mpsc::channel(4);
        let compress = Compress::default();
        let response = compressing(compress.clone(), ReceiverStream::new(answers));
        (Self { sender, compress }, response)
    }

    /// Sends what a request asks for. `false`: this was the last that can be sent.
    async fn all(&self, request: &StreamingOutputCallRequest) -> bool {
        for parameters in &request.response_parameters {
            let answer = part(request, parameters, &self.compress).await;
            let failed = answer.is_err();
            if self.sender.send(answer).await.is_err() || failed {
                return false;
            }
        }
        true
    }
}

/// A client of stock tonic, as the cases see one.
#[derive(Clone)]
pub struct StockClient {
    test: stubs::test_service_client::TestServiceClient<Wire>,
    unimplemented: stubs::unimplemented_service_client::UnimplementedServiceClient<Wire>,
}

impl StockClient {
    /// A client over a connection.
    pub fn new(wire: Wire) -> Self {
        Self {
            test: stubs::test_service_client::TestServiceClient::new(wire.clone()),
            unimplemented: stubs::unimplemented_service_client::UnimplementedServiceClient::new(
                wire,
            ),
        }
    }

    /// One that compresses what it sends.
    pub fn sending_compressed(wire: Wire) -> Self {
        let Self { test, unimplemented } = Self::new(wire);
        Self { test: test.send_compressed(Gzip), unimplemented }
    }

    /// One that takes compressed answers.
    pub fn accepting_compressed(wire: Wire) -> Self {
        let Self { test, unimplemented } = Self::new(wire);
        Self { test: test.accept_compressed(Gzip), unimplemented }
    }

    /// What comes back for one message. tonic has its headers and its trailers in one map.
    pub(crate) async fn unary(
        mut self,
        request: Request<SimpleRequest>,
    ) -> Result<Returned, Status> {
        let (metadata, answer, _) = self.test.unary_call(request).await?.into_parts();
        let payloads = vec![answer.payload];
        Ok(Returned { initial: metadata.clone(), payloads, trailing: metadata })
    }

    /// What comes back for a stream, to the end of the answers.
    pub(crate) async fn full_duplex(
        mut self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Returned, Status> {
        let response = self.test.full_duplex_call(sent(requests)).await?;
        let (initial, mut answers, _) = response.into_parts();
        let mut payloads = Vec::new();
        while let Some(answer) = answers.message().await? {
            payloads.push(answer.payload);
        }
        let trailing = answers.trailers().await?.unwrap_or_default();
        Ok(Returned { initial, payloads, trailing })
    }
}

impl TestService for StockClient {
    async fn empty_call(&self, request: Empty) -> Result<Empty, Status> {
        self.test.clone().empty_call(request).await.map(Response::into_inner)
    }

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        self.test.clone().unary_call(request).await
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        self.test.clone().streaming_output_call(request).await
    }

    async fn streaming_input_call(
        &self,
        requests: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        self.test.clone().streaming_input_call(sent(requests)).await
    }

    async fn full_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        self.test.clone().full_duplex_call(sent(requests)).await
    }

    async fn half_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        self.test.clone().half_duplex_call(sent(requests)).await
    }

    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status> {
        self.test.clone().unimplemented_call(request).await.map(Response::into_inner)
    }
}

impl UnimplementedService for StockClient {
    async fn unimplemented_call(&self, request: Empty) -> Result<Empty, Status> {
        self.unimplemented.clone().unimplemented_call(request).await.map(Response::into_inner)
    }
}

/// Stock tonic sends messages only. The cases never send an error.
fn sent<Q: Send + 'static>(
    requests: Request<Streaming<Q>>,
) -> Request<impl Stream<Item = Q> + Send + 'static> {
    let (metadata, extensions, requests) = requests.into_parts();
    Request::from_parts(metadata, extensions, requests.map_while(Result::ok))
}
