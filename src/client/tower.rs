//! The door for HTTP: calls over any tower service.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Uri, header,
    uri::{PathAndQuery, Scheme},
};
use http_body::{Body, Frame};
use tonic::{Extensions, GrpcMethod, Status, metadata::MetadataMap};
use tower_service::Service;

use super::{
    Transport,
    failure::{code_of_http, of_transport},
    request::Cancelled,
    transport::{IncomingCall, OutgoingCall, OutgoingHead, OutgoingMessages, Rest},
};
use crate::{
    BoxError,
    call::{End, Source, headers},
};

impl<T, B> Transport for T
where
    T: Service<
            http::Request<RequestBody>,
            Response = http::Response<B>,
            Error: Into<BoxError>,
            Future: Send,
        > + Clone
        + Send
        + Sync
        + 'static,
    B: Body<Error: Into<BoxError>> + Send + 'static,
{
    async fn carry(&self, call: OutgoingCall) -> Result<IncomingCall, Status> {
        let request = request(call)?;
        let mut service = self.clone();
        let failed = |error: T::Error| of_transport(error.into());
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        let (head, body) = service.call(request).await.map_err(failed)?.into_parts();
        Ok(answer(head, |status| Rest::of(body, status)))
    }
}

/// The body of a request: messages of gRPC.
pub struct RequestBody(Option<OutgoingMessages>);

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Cancelled;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cancelled>>> {
        let polled = match &mut self.0 {
            None => return Poll::Ready(None),
            Some(OutgoingMessages::Many(messages)) => ready!(messages.poll_batch(cx)),
            Some(OutgoingMessages::One(message)) => Some(Ok(std::mem::take(message))),
        };
        if !matches!((&self.0, &polled), (Some(OutgoingMessages::Many(_)), Some(Ok(_)))) {
            self.0 = None;
        }
        Poll::Ready(polled.map(|batch| batch.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}

fn request(call: OutgoingCall) -> Result<http::Request<RequestBody>, Status> {
    let OutgoingCall { head, messages } = call;
    let mut request = http::Request::new(RequestBody(Some(messages)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = http::Version::HTTP_2;
    *request.uri_mut() = uri(head.path, head.options.origin.as_ref())?;
    let timeout = head.grpc_timeout();
    let accept = head.accept().map(|it| it.names());
    let OutgoingHead { path, metadata, extensions, options, .. } = head;
    let mut fields = headers::sent(metadata);
    fields.insert(header::TE, HeaderValue::from_static("trailers"));
    fields.insert(header::CONTENT_TYPE, headers::GRPC);
    fields.remove(headers::ACCEPT_ENCODING);
    let encoding = options.send.map(|it| it.name().to_owned());
    for (name, value) in [
        (headers::TIMEOUT, timeout),
        (headers::ENCODING, encoding),
        (headers::ACCEPT_ENCODING, accept),
    ] {
        if let Some(value) = value.and_then(|it| HeaderValue::try_from(it).ok()) {
            fields.insert(name, value);
        }
    }
    *request.headers_mut() = fields;
    *request.extensions_mut() = extensions;
    if let Some((service, method)) = path.trim_start_matches('/').split_once('/') {
        request.extensions_mut().insert(GrpcMethod::new(service, method));
    }
    Ok(request)
}

/// The path of a call under the origin of its client.
fn uri(path: &'static str, origin: Option<&Uri>) -> Result<Uri, Status> {
    let mut parts = origin.cloned().unwrap_or_default().into_parts();
    let invalid = |_| Status::internal(format!("{path} is no path of HTTP"));
    let before = parts.path_and_query.as_ref().map_or("", PathAndQuery::path).trim_end_matches('/');
    parts.path_and_query = Some(match before {
        "" => PathAndQuery::from_static(path),
        before => format!("{before}{path}").parse().map_err(invalid)?,
    });
    if parts.authority.is_some() && parts.scheme.is_none() {
        parts.scheme = Some(Scheme::HTTP);
    }
    Uri::from_parts(parts).map_err(|error| {
        Status::invalid_argument(format!("the origin of the calls is not valid: {error}"))
    })
}

/// Reads the head of an answer.
fn answer(head: http::response::Parts, rest: impl FnOnce(StatusCode) -> Rest) -> IncomingCall {
    let http::response::Parts { status, mut headers, extensions, .. } = head;
    let alone = |end| IncomingCall {
        metadata: MetadataMap::new(),
        extensions: Extensions::new(),
        encoding: None,
        rest: Rest::End(end),
    };
    let rest = rest(status);
    // A status in the headers counts where they end the answer.
    if matches!(rest, Rest::End(_))
        && let Some(end) = headers::end_of(headers.clone())
    {
        return alone(end);
    }
    if status != StatusCode::OK {
        let why = format!("the answer is HTTP {status}, and no answer of gRPC");
        return alone(End::error(Status::new(code_of_http(status), why)));
    }
    if let Some(other) = headers.get(header::CONTENT_TYPE).filter(|it| !is_grpc(it)) {
        let why = format!("the answer has the content type {other:?}, and is none of gRPC");
        return alone(End::error(Status::new(code_of_http(status), why)));
    }
    let encoding = headers.remove(headers::ENCODING).map(|it| it.as_bytes().to_vec());
    IncomingCall { metadata: headers::received(headers), extensions, encoding, rest }
}

fn is_grpc(content_type: &HeaderValue) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let value = content_type.as_bytes();
    let (start, rest) = value.split_at(GRPC.len().min(value.len()));
    start.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
}

impl Rest {
    fn of<B>(body: B, status: StatusCode) -> Self
    where
        B: Body<Error: Into<BoxError>> + Send + 'static,
    {
        if body.is_end_stream() {
            return Self::End(without_status(status));
        }
        Self::Messages(Box::new(BodySource {
            body: Box::pin(body),
            status,
            trailers: None,
            ended: true,
        }))
    }
}

/// The end of an answer that has none.
fn without_status(status: StatusCode) -> End {
    let why = format!("the answer, HTTP {status}, ended without a grpc-status");
    End::error(Status::new(code_of_http(status), why))
}

/// The body of an answer.
struct BodySource<B> {
    body: Pin<Box<B>>,
    status: StatusCode,
    trailers: Option<HeaderMap>,
    /// Whether the end that was seen is one that the server sent.
    ended: bool,
}

impl<B> Source for BodySource<B>
where
    B: Body<Error: Into<BoxError>> + Send + 'static,
{
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        Poll::Ready(match ready!(self.body.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(mut data) => Some(Ok(data.copy_to_bytes(data.remaining()))),
                Err(frame) => {
                    self.trailers = frame.into_trailers().ok();
                    None
                }
            },
            Some(Err(error)) => Some(Err(of_transport(error.into()))),
            None => {
                self.ended = self.body.is_end_stream();
                None
            }
        })
    }

    fn end(&mut self) -> End {
        match self.trailers.take() {
            Some(trailers) => {
                headers::end_of(trailers).unwrap_or_else(|| without_status(self.status))
            }
            None if self.ended => without_status(self.status),
            // hyper takes a reset with NO_ERROR for an end.
            None => End::error(Status::internal("the answer was reset before its status came")),
        }
    }
}
