//! The server: reads how it is to be started, says where it listens, and serves until it is killed.

use std::{error::Error as StdError, future::pending, time::Duration};

use prost_types::Any;
use tokio::{
    io::{stdin, stdout},
    net::TcpListener,
    time::sleep,
};
use traitwire::{
    Compression::{Deflate, Gzip, Zstd},
    Request, Response, Server, ServiceOptions, Status, Stream, StreamExt, Streaming, Trailers,
    deadline, stream_fn,
    tls::{Authorities, Identity, ServerTls},
};

use crate::{
    contract::{
        Answer, BidiStreamRequest, BidiStreamResponse, ClientStreamRequest, ClientStreamResponse,
        ConformancePayload, ConformanceService, ConformanceServiceServer, Error, Header,
        RequestInfo, ServerStreamRequest, ServerStreamResponse, StreamResponseDefinition,
        UnaryRequest, UnaryResponse, UnaryResponseDefinition,
    },
    metadata::{headers, metadata},
    suite::{ServerCompatRequest, ServerCompatResponse, read, write},
};

pub(crate) async fn run() -> Result<(), Box<dyn StdError + Send + Sync>> {
    let request = read(&mut stdin()).await?.ok_or("no request")?;
    let ServerCompatRequest { use_tls, client_tls_cert, message_receive_limit, server_creds } =
        request;

    let mut options = ServiceOptions::new();
    for compression in [Gzip, Deflate, Zstd] {
        options = options.accept_compressed(compression).send_compressed(compression);
    }
    if message_receive_limit > 0 {
        options = options.max_decoding_message_size(message_receive_limit.try_into()?);
    }
    let service = ConformanceServiceServer::new(Conformance).with(options);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let (host, port) = (addr.ip().to_string(), addr.port().into());
    let mut response = ServerCompatResponse { host, port, pem_cert: Vec::new() };
    let mut server = Server::new().add(service);
    if use_tls {
        let creds = server_creds.ok_or("TLS without a certificate")?;
        let mut tls = ServerTls::builder(Identity::pem(&*creds.cert, creds.key));
        if !client_tls_cert.is_empty() {
            tls = tls.client_authorities(Authorities::pem(client_tls_cert));
        }
        server = server.tls(tls.build()?);
        response.pem_cert = creds.cert;
    }
    write(&mut stdout(), &response).await?;
    Ok(server.serve(listener, pending()).await?)
}

struct Conformance;

impl ConformanceService for Conformance {
    async fn unary(
        &self,
        request: Request<UnaryRequest>,
    ) -> Result<Response<UnaryResponse>, Status> {
        let mut info = info(&request);
        let request = request.into_inner();
        info.requests.push(any(&request));
        let response = answer(request.response_definition, info).await?;
        Ok(response.map(|payload| UnaryResponse { payload: Some(payload) }))
    }

    async fn server_stream(
        &self,
        request: Request<ServerStreamRequest>,
    ) -> Result<Response<impl Stream<Item = Result<ServerStreamResponse, Status>>>, Status> {
        let mut info = info(&request);
        let request = request.into_inner();
        info.requests.push(any(&request));
        let response = answers(request.response_definition, info, Streaming::from_iter([]))?;
        Ok(response.map(|payloads| {
            payloads.map(|it| it.map(|it| ServerStreamResponse { payload: Some(it) }))
        }))
    }

    async fn client_stream(
        &self,
        requests: Request<Streaming<ClientStreamRequest>>,
    ) -> Result<Response<ClientStreamResponse>, Status> {
        let mut info = info(&requests);
        let mut requests = requests.into_inner();
        let mut definition = None;
        while let Some(request) = requests.message().await? {
            if info.requests.is_empty() {
                definition.clone_from(&request.response_definition);
            }
            info.requests.push(any(&request));
        }
        let response = answer(definition, info).await?;
        Ok(response.map(|payload| ClientStreamResponse { payload: Some(payload) }))
    }

    async fn bidi_stream(
        &self,
        requests: Request<Streaming<BidiStreamRequest>>,
    ) -> Result<Response<impl Stream<Item = Result<BidiStreamResponse, Status>>>, Status> {
        let mut info = info(&requests);
        let mut requests = requests.into_inner();
        let mut definition = None;
        if let Some(first) = requests.message().await? {
            info.requests.push(any(&first));
            definition = first.response_definition;
            if !first.full_duplex {
                while let Some(request) = requests.message().await? {
                    info.requests.push(any(&request));
                }
            }
        }
        let response = answers(definition, info, requests)?;
        Ok(response.map(|payloads| {
            payloads.map(|it| it.map(|it| BidiStreamResponse { payload: Some(it) }))
        }))
    }
}

/// What the request says before its messages.
fn info<T>(request: &Request<T>) -> RequestInfo {
    RequestInfo {
        request_headers: headers(request.metadata().as_ref()),
        timeout_ms: deadline::remaining().and_then(|left| left.as_millis().try_into().ok()),
        requests: Vec::new(),
    }
}

fn any<M: prost::Name>(message: &M) -> Any {
    Any::from_msg(message).expect("there is room for every message")
}

/// The one response that is defined, or the error.
async fn answer(
    definition: Option<UnaryResponseDefinition>,
    info: RequestInfo,
) -> Result<Response<ConformancePayload>, Status> {
    let definition = definition.unwrap_or_default();
    let (headers, trailers) = (definition.response_headers, definition.response_trailers);
    pause(definition.response_delay_ms).await;
    let data = match definition.response {
        Some(Answer::Error(error)) => {
            let mut status = failure(error, Some(info));
            // A status has one place for both: without a message, the headers are the trailers.
            *status.metadata_mut() = metadata(&[headers, trailers].concat())?;
            return Err(status);
        }
        Some(Answer::ResponseData(data)) => data,
        None => Vec::new(),
    };
    response(ConformancePayload { data, request_info: Some(info) }, &headers, &trailers)
}

/// The responses that are defined, and then the error. Before each but the first, one of `more` is
/// read, if there is one.
fn answers(
    definition: Option<StreamResponseDefinition>,
    info: RequestInfo,
    mut more: Streaming<BidiStreamRequest>,
) -> Result<Response<impl Stream<Item = Result<ConformancePayload, Status>>>, Status> {
    let definition = definition.unwrap_or_default();
    let (headers, trailers) = (definition.response_headers, definition.response_trailers);
    let trailing = metadata(&trailers)?;
    let payloads = stream_fn(async move |mut out| {
        let mut info = Some(info);
        for data in definition.response_data {
            if info.is_none()
                && let Some(request) = more.message().await?
            {
                info = Some(RequestInfo { requests: vec![any(&request)], ..Default::default() });
            }
            pause(definition.response_delay_ms).await;
            out.send(ConformancePayload { data, request_info: info.take() }).await?;
        }
        if info.is_none() {
            // The next request, for which there is no response, or the end.
            more.message().await?;
        }
        match definition.error {
            Some(error) => {
                let mut status = failure(error, info);
                *status.metadata_mut() = trailing;
                Err(status)
            }
            None => Ok(()),
        }
    });
    response(payloads, &headers, &trailers)
}

fn response<T>(payload: T, headers: &[Header], trailers: &[Header]) -> Result<Response<T>, Status> {
    let mut response = Response::new(payload);
    *response.metadata_mut() = metadata(headers)?;
    let trailing = metadata(trailers)?;
    let trailers = Trailers::new();
    trailers.update(|it| *it = trailing);
    response.extensions_mut().insert(trailers);
    Ok(response)
}

async fn pause(milliseconds: u32) {
    if milliseconds > 0 {
        sleep(Duration::from_millis(milliseconds.into())).await;
    }
}

/// The error that is defined, with what no response has said of the requests.
fn failure(mut error: Error, info: Option<RequestInfo>) -> Status {
    error.details.extend(info.as_ref().map(any));
    error.into()
}
