//! The door for HTTP: a tower service over any body.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Method, StatusCode, header};
use http_body::Frame;
use pin_project_lite::pin_project;
use tonic::{Status, metadata::MetadataMap};
use tower_service::Service;

use super::{
    Admitted, Call, Dispatch, Input, OneMessage, RequestHead, RequestMessages, Start, admit,
    method::{One, Request},
    served::{Served, unimplemented},
};
use crate::{
    BoxError,
    call::{
        End, Parts, Source,
        headers::{self, LONGEST_BLOCK},
    },
    codec::Writer,
    deadline::{self, Deadline},
};

/// The body of a request as a transport delivers it.
pub trait RequestBody: http_body::Body<Error: Into<BoxError>> + Send + 'static {}

impl<B: http_body::Body<Error: Into<BoxError>> + Send + 'static> RequestBody for B {}

impl<C, S, B> Service<http::Request<B>> for Served<C, S>
where
    C: Dispatch<S>,
    S: Send + Sync + 'static,
    B: RequestBody,
{
    type Response = http::Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> ResponseFuture<S, B> {
        ResponseFuture { state: State::begin(self, request) }
    }
}

pin_project! {
    /// The answer to a request of HTTP, on its way.
    pub struct ResponseFuture<S, B> {
        #[pin]
        state: State<S, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B> {
        /// The one message of the request is to come.
        Receiving {
            #[pin]
            body: B,
            message: OneMessage,
            start: Option<Starting<S>>,
        },
        /// The handler has no head for its answer yet.
        Answering { call: Option<Call> },
        Refused { response: Option<http::Response<ResponseBody>> },
    }
}

/// A handler that waits for its message.
struct Starting<S> {
    start: Start<S, One>,
    service: Arc<S>,
    head: RequestHead,
    deadline: Deadline,
    writer: Writer,
}

impl<S> Starting<S> {
    fn start(self, message: Bytes) -> Call {
        let Self { start, service, head, deadline, writer } = self;
        let handler = start.call(service, Request::new(head, One(message)), writer);
        Call::new(handler, deadline, &writer)
    }
}

impl<S: Send + Sync + 'static, B: RequestBody> State<S, B> {
    fn begin<C: Dispatch<S>>(served: &Served<C, S>, request: http::Request<B>) -> Self {
        let (parts, body) = request.into_parts();
        if let Some(response) = not_a_call(&parts) {
            return Self::Refused { response: Some(response) };
        }
        let method = C::method(parts.uri.path())
            .ok_or_else(|| unimplemented(parts.uri.path(), C::DESCRIPTOR));
        let admitted =
            method.and_then(|method| Ok((method, admit(&parts.headers, &served.options)?)));
        let (method, Admitted { until, reader, writer }) = match admitted {
            Ok(admitted) => admitted,
            Err(status) => {
                return Self::Refused { response: Some(status_alone(End::error(status))) };
            }
        };
        // tonic's transport has a timer of its own for the same deadline and calls it CANCELLED; it is
        // outside of every layer and cannot be turned off. This one is a little earlier.
        let earlier = until.and_then(|it| it.checked_sub(Duration::from_millis(1)));
        let deadline = Deadline::at(earlier.or(until));
        let head = RequestHead {
            metadata: MetadataMap::from_headers(parts.headers),
            extensions: parts.extensions,
        };
        let service = Arc::clone(&served.service);
        match method.input() {
            Input::One(start) => Self::Receiving {
                body,
                message: OneMessage::new(reader),
                start: Some(Starting { start, service, head, deadline, writer }),
            },
            Input::Many(start) => {
                let source = Box::new(BodySource { body: Box::pin(body) });
                let messages = RequestMessages::new(reader, source);
                let handler = start.call(service, Request::new(head, messages), writer);
                Self::Answering { call: Some(Call::new(handler, deadline, &writer)) }
            }
        }
    }
}

impl<S, B: RequestBody> Future for ResponseFuture<S, B> {
    type Output = Result<http::Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::Receiving { mut body, message, start } => {
                    let waiting = start.as_mut().expect("polled after it was done");
                    let received = match poll_message(body.as_mut(), message, cx) {
                        Poll::Pending if waiting.deadline.poll_expired(cx) => {
                            Err(deadline::exceeded())
                        }
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(received) => received,
                    };
                    let next = match (received, start.take()) {
                        (Ok(message), Some(start)) => {
                            State::Answering { call: Some(start.start(message)) }
                        }
                        (Err(status), _) => {
                            let response = status_alone(End::error(status));
                            State::Refused { response: Some(response) }
                        }
                        (Ok(_), None) => unreachable!("it was there"),
                    };
                    state.set(next);
                }
                StateProjection::Answering { call } => {
                    return poll_head(call, cx).map(Ok);
                }
                StateProjection::Refused { response } => {
                    return Poll::Ready(Ok(response.take().expect("polled after it was done")));
                }
            }
        }
    }
}

/// Receives the one message of a request.
fn poll_message<B: RequestBody>(
    mut body: Pin<&mut B>,
    message: &mut OneMessage,
    cx: &mut Context<'_>,
) -> Poll<Result<Bytes, Status>> {
    loop {
        match ready!(poll_data(body.as_mut(), cx)) {
            Some(data) => message.push(data?)?,
            None => return Poll::Ready(message.end()),
        }
        if body.is_end_stream() {
            return Poll::Ready(message.end());
        }
    }
}

/// The next bytes of a request. A caller who goes away before its end leaves CANCELLED behind.
fn poll_data<B: RequestBody>(
    body: Pin<&mut B>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, Status>>> {
    Poll::Ready(match ready!(body.poll_frame(cx)) {
        Some(Ok(frame)) => match frame.into_data() {
            Ok(mut data) => Some(Ok(data.copy_to_bytes(data.remaining()))),
            // Trailers end the request.
            Err(_) => None,
        },
        Some(Err(_)) => {
            Some(Err(Status::cancelled("the caller went away before its messages ended")))
        }
        None => None,
    })
}

/// The body of a request that has many messages.
struct BodySource<B> {
    body: Pin<Box<B>>,
}

impl<B: RequestBody> Source for BodySource<B> {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        poll_data(self.body.as_mut(), cx)
    }
}

/// Polls a call until its answer can begin.
fn poll_head(call: &mut Option<Call>, cx: &mut Context<'_>) -> Poll<http::Response<ResponseBody>> {
    let mut ready = Parts::default();
    let polled = call.as_mut().expect("polled after it was done").poll(cx, &mut ready);
    if polled.is_ready() {
        *call = None;
    }
    let Some(head) = ready.head.take() else {
        return polled.map(|()| status_alone(ready.end.take().expect("a call has an end")));
    };
    let mut fields = headers::begun();
    if !head.metadata.is_empty() {
        fields.extend(headers::sent(head.metadata));
    }
    let length = if fields.len() == 1 { 0 } else { headers::block_length(&fields) };
    if length > LONGEST_BLOCK {
        *call = None;
        return Poll::Ready(status_alone(End::error(Status::resource_exhausted(format!(
            "the metadata of the answer has {length} bytes, and the limit is {LONGEST_BLOCK}"
        )))));
    }
    if let Some(encoding) = head.encoding {
        fields.insert(headers::ENCODING, HeaderValue::from_static(encoding));
    }
    let Parts { messages, end, .. } = ready;
    let mut response = http::Response::new(ResponseBody { messages, end, call: call.take() });
    *response.headers_mut() = fields;
    *response.extensions_mut() = head.extensions;
    Poll::Ready(response)
}

/// An answer that is a status and nothing else, which then stands in the headers.
fn status_alone(end: End) -> http::Response<ResponseBody> {
    let mut response = http::Response::new(ResponseBody::default());
    *response.headers_mut() = headers::begun();
    headers::add_end(response.headers_mut(), end);
    response
}

/// The body of an answer.
#[derive(Default)]
pub struct ResponseBody {
    messages: Option<Bytes>,
    end: Option<End>,
    /// `None` when it has ended.
    call: Option<Call>,
}

impl ResponseBody {
    fn text(text: String) -> Self {
        Self { messages: Some(text.into()), ..Self::default() }
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.messages.is_none()
            && let Some(call) = &mut this.call
        {
            let mut ready = Parts::default();
            if call.poll(cx, &mut ready).is_ready() {
                this.call = None;
            }
            Parts { messages: this.messages, end: this.end, .. } = ready;
        }
        if let Some(messages) = this.messages.take() {
            return Poll::Ready(Some(Ok(Frame::data(messages))));
        }
        match this.end.take() {
            Some(end) => Poll::Ready(Some(Ok(Frame::trailers(headers::trailers(end))))),
            None if this.call.is_some() => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.messages.is_none() && self.end.is_none() && self.call.is_none()
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

/// The answer to what is not a gRPC call.
///
/// The gRPC specification asks for POST and for a content type of `application/grpc`, and for the
/// HTTP status 415 otherwise, so that a caller that does not know gRPC cannot take a gRPC error,
/// which travels with the HTTP status 200, for success (PROTOCOL-HTTP2.md, "Requests").
fn not_a_call(request: &http::request::Parts) -> Option<http::Response<ResponseBody>> {
    if request.method != Method::POST {
        let mut response = refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("a gRPC call is a POST request, not {}\n", request.method),
        );
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return Some(response);
    }
    match request.headers.get(header::CONTENT_TYPE) {
        Some(it) if is_protobuf(it.as_bytes()) => None,
        other => Some(refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "content type {} is not supported; expected application/grpc or \
                 application/grpc+proto\n",
                match other {
                    Some(value) => format!("{value:?}"),
                    None => "(none)".to_owned(),
                }
            ),
        )),
    }
}

/// `application/grpc` or `application/grpc+proto`, with or without parameters. A longer name, such
/// as `application/grpc-web`, is another protocol.
fn is_protobuf(content_type: &[u8]) -> bool {
    let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let media_type = media_type.trim_ascii();
    [&b"application/grpc"[..], b"application/grpc+proto"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(media_type))
}

fn refusal(status: StatusCode, text: String) -> http::Response<ResponseBody> {
    let mut response = http::Response::new(ResponseBody::text(text));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}
