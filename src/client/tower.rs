//! The door for HTTP: calls over any tower service.

use std::{
    borrow::Cow,
    future::poll_fn,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Uri, header,
    uri::{PathAndQuery, Scheme},
};
use http_body::{Body, Frame};
use tonic::{GrpcMethod, Status};
use tower_service::Service;

use super::{
    Transport,
    answer::{answer, end_of_answer, without_status},
    failure::of_transport,
    request::Cancelled,
    transport::{IncomingCall, OutgoingCall, OutgoingMessages, Rest},
};
use crate::{
    BoxError,
    call::{
        End, Source,
        headers::{self, LONGEST_BLOCK},
    },
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
        let http::response::Parts { status, headers, extensions, .. } = head;
        Ok(answer(status, headers, extensions, |status| Rest::of(body, status)))
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

/// What every call says.
pub(crate) static EACH: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut fields = HeaderMap::with_capacity(2);
    fields.insert(header::TE, HeaderValue::from_static("trailers"));
    fields.insert(header::CONTENT_TYPE, headers::GRPC);
    fields
});

fn request(call: OutgoingCall) -> Result<http::Request<RequestBody>, Status> {
    let OutgoingCall { head, messages } = call;
    let mut request = http::Request::new(RequestBody(Some(messages)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = http::Version::HTTP_2;
    *request.uri_mut() = uri(head.path.clone(), head.options.origin.as_ref())?;
    let mut fields = EACH.clone();
    head.add_fields(&mut fields);
    headers::fits(request.uri(), &fields, LONGEST_BLOCK)?;
    *request.headers_mut() = fields;
    *request.extensions_mut() = head.extensions;
    if let Cow::Borrowed(path) = head.path
        && let Some((service, method)) = path.trim_start_matches('/').split_once('/')
    {
        request.extensions_mut().insert(GrpcMethod::new(service, method));
    }
    Ok(request)
}

/// The URI of a call under the origin of its client.
pub(crate) fn uri(path: Cow<'static, str>, origin: Option<&Uri>) -> Result<Uri, Status> {
    let mut parts = origin.cloned().unwrap_or_default().into_parts();
    let before = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
    parts.path_and_query = Some(path_under(before.trim_end_matches('/'), path)?);
    if parts.authority.is_some() && parts.scheme.is_none() {
        parts.scheme = Some(Scheme::HTTP);
    }
    Uri::from_parts(parts).map_err(|error| {
        Status::invalid_argument(format!("the origin of the calls is not valid: {error}"))
    })
}

/// The path of a call, after another one.
pub(crate) fn path_under(before: &str, path: Cow<'static, str>) -> Result<PathAndQuery, Status> {
    let whole = match (before, &path) {
        ("", Cow::Borrowed(path)) => return Ok(PathAndQuery::from_static(path)),
        ("", Cow::Owned(path)) => path.parse(),
        (before, path) => format!("{before}{path}").parse(),
    };
    whole.map_err(|_| Status::invalid_argument(format!("{path:?} is no path of a method")))
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
        if self.trailers.is_none() && !self.ended {
            // hyper takes a reset with NO_ERROR for an end.
            return End::error(Status::internal("the answer was reset before its status came"));
        }
        end_of_answer(self.trailers.take(), self.status)
    }
}
