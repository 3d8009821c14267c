//! The server, as the descriptions of the cases have it.

use std::{
    convert::Infallible,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{Request as HttpRequest, Response as HttpResponse};
use tonic::body::Body;
use tower::Service;
use traitwire::{
    Code, Compression::Gzip, Request, Response, ServiceOptions, Status, Stream, Streaming,
    stream_fn,
};

use crate::{
    contract::{
        BoolValue, EchoStatus, Empty, Payload, PayloadType, ResponseParameters, SimpleRequest,
        SimpleResponse, StreamingInputCallRequest, StreamingInputCallResponse,
        StreamingOutputCallRequest, StreamingOutputCallResponse, TestService, TestServiceServer,
    },
    echo::Echo,
    wire::{self, BoxError, Compress, Seen},
};

/// The largest payload that is made, in bytes.
const LARGEST: i32 = 16 * 1024 * 1024;

/// A server of the cases, with all that they ask for.
pub fn server<Q>()
-> impl Service<HttpRequest<Q>, Response = HttpResponse<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
where
    Q: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let options = ServiceOptions::new().accept_compressed(Gzip).send_compressed(Gzip);
    wire::serving(TestServiceServer::new(TestServer::new()).with(options))
}

/// The service.
pub struct TestServer {
    id: String,
}

impl TestServer {
    /// A server with a name of its own.
    #[expect(clippy::new_without_default, reason = "no two are equal")]
    pub fn new() -> Self {
        Self { id: new_id() }
    }
}

impl TestService for TestServer {
    async fn empty_call(&self, request: Empty) -> Result<Empty, Status> {
        Ok(request)
    }

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        answer(request, &self.id)
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        let request = request.into_inner();
        let compress = Compress::default();
        Ok(compressing(
            compress.clone(),
            stream_fn(async move |mut out| {
                for parameters in &request.response_parameters {
                    out.send(part(&request, parameters, &compress).await?).await?;
                }
                Ok(())
            }),
        ))
    }

    async fn streaming_input_call(
        &self,
        requests: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let seen = Seen::of(requests.extensions());
        let mut requests = requests.into_inner();
        let mut sum = 0;
        while let Some(request) = requests.message().await? {
            sum += counted(request, &seen)?;
        }
        total(sum)
    }

    async fn full_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        let echo = Echo::of(requests.metadata());
        let mut requests = requests.into_inner();
        let compress = Compress::default();
        Ok(echo.onto(compressing(
            compress.clone(),
            stream_fn(async move |mut out| {
                while let Some(request) = requests.message().await? {
                    asked_for(request.response_status.as_ref())?;
                    for parameters in &request.response_parameters {
                        out.send(part(&request, parameters, &compress).await?).await?;
                    }
                }
                Ok(())
            }),
        )))
    }

    async fn half_duplex_call(
        &self,
        requests: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<StreamingOutputCallResponse, Status>>>, Status>
    {
        let mut requests = requests.into_inner();
        let compress = Compress::default();
        Ok(compressing(
            compress.clone(),
            stream_fn(async move |mut out| {
                let mut all = Vec::new();
                while let Some(request) = requests.message().await? {
                    all.push(request);
                }
                for request in &all {
                    for parameters in &request.response_parameters {
                        out.send(part(request, parameters, &compress).await?).await?;
                    }
                }
                Ok(())
            }),
        ))
    }
}

/// A name that no other server has.
pub(crate) fn new_id() -> String {
    static SERVERS: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", process::id(), SERVERS.fetch_add(1, Ordering::Relaxed))
}

/// The answer to one message.
pub(crate) fn answer(
    request: Request<SimpleRequest>,
    id: &str,
) -> Result<Response<SimpleResponse>, Status> {
    let seen = Seen::of(request.extensions());
    let echo = Echo::of(request.metadata());
    let request = request.into_inner();
    came_as_expected(request.expect_compressed.as_ref(), &seen)?;
    asked_for(request.response_status.as_ref())?;
    let payload = Some(payload(request.response_type, request.response_size)?);
    let server_id = if request.fill_server_id { id.to_owned() } else { String::new() };
    let compress = request.response_compressed == Some(BoolValue { value: true });
    let answer = SimpleResponse { payload, server_id, ..SimpleResponse::default() };
    Ok(echo.onto(compressing(Compress::from_iter([compress]), answer)))
}

/// An answer that says which of its messages are compressed.
pub(crate) fn compressing<T>(compress: Compress, answer: T) -> Response<T> {
    let mut response = Response::new(answer);
    response.extensions_mut().insert(compress);
    response
}

/// One of the answers to a request, which is sent next.
pub(crate) async fn part(
    request: &StreamingOutputCallRequest,
    parameters: &ResponseParameters,
    compress: &Compress,
) -> Result<StreamingOutputCallResponse, Status> {
    let interval = u64::try_from(parameters.interval_us)
        .map_err(|_| Status::invalid_argument("an interval is not negative"))?;
    if interval > 0 {
        tokio::time::sleep(Duration::from_micros(interval)).await;
    }
    let payload = Some(payload(request.response_type, parameters.size)?);
    compress.next(parameters.compressed == Some(BoolValue { value: true }));
    Ok(StreamingOutputCallResponse { payload })
}

/// The size of the payload of one of many requests.
pub(crate) fn counted(request: StreamingInputCallRequest, seen: &Seen) -> Result<usize, Status> {
    came_as_expected(request.expect_compressed.as_ref(), seen)?;
    Ok(request.payload.map_or(0, |payload| payload.body.len()))
}

/// The answer to many requests.
pub(crate) fn total(sum: usize) -> Result<Response<StreamingInputCallResponse>, Status> {
    let sum = i32::try_from(sum).map_err(|_| Status::out_of_range("the sum is no int32"))?;
    Ok(compressing(
        Compress::default(),
        StreamingInputCallResponse { aggregated_payload_size: sum },
    ))
}

/// Answers with a status, if the request asks for one.
pub(crate) fn asked_for(status: Option<&EchoStatus>) -> Result<(), Status> {
    match status {
        Some(EchoStatus { code, message }) if *code != 0 => {
            Err(Status::new(Code::from(*code), message))
        }
        _ => Ok(()),
    }
}

/// Refuses a message that is not compressed and should be, or the other way round.
fn came_as_expected(expected: Option<&BoolValue>, seen: &Seen) -> Result<(), Status> {
    // Asked for every message, as each answer is for the next one.
    let compressed = seen.next_is_compressed();
    match expected {
        Some(expected) if compressed != Some(expected.value) => {
            let not = if expected.value { "not " } else { "" };
            Err(Status::invalid_argument(format!("the message is {not}compressed")))
        }
        _ => Ok(()),
    }
}

fn payload(r#type: i32, size: i32) -> Result<Payload, Status> {
    PayloadType::try_from(r#type)
        .map_err(|_| Status::invalid_argument(format!("no payload has the type {}", r#type)))?;
    if !(0..=LARGEST).contains(&size) {
        return Err(Status::invalid_argument(format!("no payload has {size} bytes")));
    }
    Ok(Payload { r#type, body: vec![0; size.unsigned_abs() as usize] })
}
