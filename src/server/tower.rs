//! The door for HTTP: a tower service over any body.

use std::{
    borrow::Cow,
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use http_body::Frame;
use pin_project_lite::pin_project;
use tonic::{Status, metadata::MetadataMap};
use tower_service::Service;

use super::{
    Admitted, Body, Call, CallLimits, Dispatch, Input, Interception, OneMessage, RequestHead,
    RequestMessages, Start, admit,
    method::{One, Request},
    refusal::refusal,
    served::{Served, unimplemented},
};
use crate::{
    BoxError,
    call::{
        End, Parts, Source,
        headers::{self, Fields, LONGEST_BLOCK},
    },
    clock::Instant,
    codec::{Held, Writer},
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
    through: Option<Through>,
    head: RequestHead,
    deadline: Deadline,
    writer: Writer,
}

/// The interceptors of a service, and the path of a call that goes through them.
type Through = (Arc<Interception>, Cow<'static, str>);

impl<S> Starting<S> {
    fn start(self, (message, held): (Bytes, Held)) -> Call {
        let Self { start, service, through, head, deadline, writer } = self;
        if let Some((it, path)) = through {
            return it.call(path, head, Body::One(message), writer, deadline).holding(held);
        }
        let handler = start.call(service, Request::new(head, One(message)), writer);
        Call::new(handler, deadline, &writer).holding(held)
    }
}

impl<S: Send + Sync + 'static, B: RequestBody> State<S, B> {
    fn begin<C: Dispatch<S>>(served: &Served<C, S>, request: http::Request<B>) -> Self {
        let (mut parts, body) = request.into_parts();
        let fields = Fields::of(&parts.headers);
        if let Some(refusal) = refusal(&parts.method, fields.content_type) {
            let response = refusal.into_response().map(ResponseBody::from);
            return Self::Refused { response: Some(response) };
        }
        let method = C::method(parts.uri.path())
            .ok_or_else(|| unimplemented(parts.uri.path(), [C::DESCRIPTOR]));
        let admitted = method.and_then(|method| Ok((method, admit(&fields, &served.options)?)));
        let (method, Admitted { timeout, reader, writer }) = match admitted {
            Ok(admitted) => admitted,
            Err(status) => {
                return Self::Refused { response: Some(status_alone(End::error(status))) };
            }
        };
        let (until, reader) = match parts.extensions.remove() {
            Some(CallLimits { until, budget }) => (until, reader.within(&budget)),
            None => (timeout.and_then(until_others), reader),
        };
        let deadline = Deadline::at(until);
        let path = served.interception.as_ref().map(|_| path_of::<C, S>(parts.uri.path()));
        let head = RequestHead {
            metadata: MetadataMap::from_headers(parts.headers),
            extensions: parts.extensions,
            connection: None,
        };
        let service = Arc::clone(&served.service);
        let through = served.interception.clone().zip(path);
        match method.input() {
            Input::One(start) => Self::Receiving {
                body,
                message: OneMessage::new(reader),
                start: Some(Starting { start, service, through, head, deadline, writer }),
            },
            Input::Many(start) => {
                let source = Box::new(BodySource { body: Box::pin(body) });
                let messages = RequestMessages::new(reader, source);
                if let Some((it, path)) = through {
                    let body = Body::many(messages);
                    let call = it.call(path, head, body, writer, deadline);
                    return Self::Answering { call: Some(call) };
                }
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
        match state.as_mut().project() {
            StateProjection::Receiving { mut body, message, start } => {
                let waiting = start.as_mut().expect("polled after it was done");
                let received = match poll_message(body.as_mut(), message, cx) {
                    Poll::Pending if waiting.deadline.poll_expired(cx) => Err(deadline::exceeded()),
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(received) => received,
                };
                let start = start.take().expect("it is there");
                let mut call = match received {
                    Ok(message) => Some(start.start(message)),
                    Err(status) => return Poll::Ready(Ok(status_alone(End::error(status)))),
                };
                // Most calls are answered at once, and need no state for it.
                let polled = poll_head(&mut call, cx);
                if polled.is_pending() {
                    state.set(State::Answering { call });
                }
                polled.map(Ok)
            }
            StateProjection::Answering { call } => poll_head(call, cx).map(Ok),
            StateProjection::Refused { response } => {
                Poll::Ready(Ok(response.take().expect("polled after it was done")))
            }
        }
    }
}

/// When a call is over that another server than this library's carries. tonic's has a timer of its own
/// for the same deadline and calls it CANCELLED; it is outside of every layer and cannot be turned off.
/// This one is a little earlier.
fn until_others(timeout: Duration) -> Option<Instant> {
    let until = deadline::after(timeout)?;
    until.checked_sub(Duration::from_millis(1)).or(Some(until))
}

/// The path of a call as its contract has it; another one is copied.
fn path_of<C: Dispatch<S>, S>(path: &str) -> Cow<'static, str> {
    let known = C::DESCRIPTOR.methods.iter().find(|it| it.path == path);
    known.map_or_else(|| path.to_owned().into(), |it| it.path.into())
}

/// Receives the one message of a request.
fn poll_message<B: RequestBody>(
    mut body: Pin<&mut B>,
    message: &mut OneMessage,
    cx: &mut Context<'_>,
) -> Poll<Result<(Bytes, Held), Status>> {
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
    let Some(mut head) = ready.head.take() else {
        return polled.map(|()| status_alone(ready.end.take().expect("a call has an end")));
    };
    let extensions = std::mem::take(&mut head.extensions);
    let fields = match headers::head(head, LONGEST_BLOCK) {
        Ok(fields) => fields,
        Err(status) => {
            *call = None;
            return Poll::Ready(status_alone(End::error(status)));
        }
    };
    let Parts { messages, end, .. } = ready;
    let mut response = http::Response::new(ResponseBody { messages, end, call: call.take() });
    *response.headers_mut() = fields;
    *response.extensions_mut() = extensions;
    Poll::Ready(response)
}

/// An answer that is a status and nothing else, which then stands in the headers.
fn status_alone(end: End) -> http::Response<ResponseBody> {
    let mut response = http::Response::new(ResponseBody::default());
    *response.headers_mut() = headers::begun();
    headers::add_end(response.headers_mut(), end, LONGEST_BLOCK);
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

impl From<Bytes> for ResponseBody {
    fn from(text: Bytes) -> Self {
        Self { messages: Some(text), ..Self::default() }
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
            Some(end) => {
                Poll::Ready(Some(Ok(Frame::trailers(headers::trailers(end, LONGEST_BLOCK)))))
            }
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
