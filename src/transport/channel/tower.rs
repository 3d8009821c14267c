//! The channel as a tower service.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Request, Response, header, request::Parts};
use http_body::{Body, Frame};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};
use tonic::Status;
use tower_service::Service;

use super::{
    call::{Answer, Beginning, Caller, Messages, note_attempts},
    calls::Calls,
    engine::AnswerHead,
    h2::H2Exchange,
    sending::{Batches, Outgoing},
};
use crate::{
    BoxError, ServiceDescriptor,
    call::headers,
    client::{Cancelled, of_transport},
    deadline::{self, Deadline},
};

/// A [`Channel`](super::Channel) as a tower service from requests of gRPC to answers of it: below tower's
/// layers, and for clients that tonic generated.
#[derive(Clone)]
pub struct TowerChannel(Caller<H2Exchange>);

impl TowerChannel {
    pub(super) fn new(caller: Caller<H2Exchange>) -> Self {
        Self(caller)
    }
}

impl fmt::Debug for TowerChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerChannel").finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for TowerChannel
where
    B: Body<Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<TowerBody>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<TowerBody>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let caller = self.0.clone();
        let (head, body) = request.into_parts();
        Box::pin(async move {
            let timeout = deadline::timeout_of(&headers::Fields::of(&head.headers))?;
            let until = timeout.and_then(deadline::after);
            let mut deadline = Deadline::at(until);
            let beginning = Beginning {
                path: head.uri.path(),
                metadata: &head.headers,
                service: &ServiceDescriptor::UNKNOWN,
                wait_for_ready: false,
                until,
                request: |calls: &Calls<H2Exchange>, previous| {
                    caller.tower_request(&head, calls, previous)
                },
            };
            let over = CancellationToken::new();
            let failure = Arc::<OnceLock<Status>>::default();
            let body = RequestBody {
                body: Box::pin(body),
                is_over: Box::pin(over.clone().cancelled_owned()),
                failure: Arc::clone(&failure),
            };
            let over = over.drop_guard();
            let mut call = pin!(caller.call(beginning, Messages::Many(Outgoing::new(body))));
            let begun = poll_fn(|cx| match deadline.poll_expired(cx) {
                true => Poll::Ready(Err(deadline::exceeded())),
                false => call.as_mut().poll(cx),
            });
            let begun = begun.await;
            let (head, answer) = begun.map_err(|it| failure.get().cloned().unwrap_or(it))?;
            let AnswerHead { status, fields, is_end } = head;
            let rest = (!is_end).then_some(Rest { answer, deadline, failure, _over: over });
            let mut response = Response::new(TowerBody(rest));
            *response.status_mut() = status;
            *response.headers_mut() = fields;
            Ok(response)
        })
    }
}

impl Caller<H2Exchange> {
    fn tower_request(
        &self,
        head: &Parts,
        calls: &Calls<H2Exchange>,
        previous: u32,
    ) -> Result<Request<()>, Status> {
        let mut fields = head.headers.clone();
        for (name, value) in &self.about.fields {
            if !fields.contains_key(name) {
                fields.insert(name, value.clone());
            }
        }
        headers::strip_connection(&mut fields);
        // HTTP/2 allows no other value, and refuses the request with its connection.
        fields.insert(header::TE, HeaderValue::from_static("trailers"));
        let mut request = Request::new(());
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = match head.uri.authority() {
            Some(_) => head.uri.clone(),
            None => calls.target.uri_of(head.uri.path().to_owned().into())?,
        };
        note_attempts(&mut fields, previous);
        headers::fits(request.uri(), &fields, calls.watch.longest_block())?;
        *request.headers_mut() = fields;
        Ok(request)
    }
}

/// The body of a request.
struct RequestBody<B> {
    body: Pin<Box<B>>,
    /// Whether nobody waits for the answer, or the rest of it.
    is_over: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Why it broke off, for those who wait.
    failure: Arc<OnceLock<Status>>,
}

impl<B: Body<Error: Into<BoxError>> + Send + 'static> Batches for RequestBody<B> {
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cancelled>>> {
        if self.poll_cancelled(cx) {
            return Poll::Ready(Some(Err(Cancelled)));
        }
        loop {
            // A body that panicked is not polled again, so nobody sees what it left half-done.
            let poll = AssertUnwindSafe(|| self.body.as_mut().poll_frame(cx));
            let polled = catch_unwind(poll).unwrap_or_else(|_| {
                let _ = self.failure.set(Status::internal("the body of the request panicked"));
                Poll::Ready(None)
            });
            if self.failure.get().is_some() {
                return Poll::Ready(Some(Err(Cancelled)));
            }
            match ready!(polled) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(mut data) if data.has_remaining() => {
                        return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
                    }
                    // A call of gRPC sends no trailers.
                    _ => {}
                },
                Some(Err(error)) => {
                    let _ = self.failure.set(of_transport(error.into()));
                    return Poll::Ready(Some(Err(Cancelled)));
                }
                None => return Poll::Ready(None),
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.body.is_end_stream()
    }

    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> bool {
        self.is_over.as_mut().poll(cx).is_ready()
    }
}

/// The body of an answer. The call is cancelled when it is dropped before its end.
///
/// The default is an empty one, for tonic's interceptors.
#[derive(Default)]
pub struct TowerBody(Option<Rest>);

/// What of an answer has not come.
struct Rest {
    answer: Answer<H2Exchange>,
    deadline: Deadline,
    failure: Arc<OnceLock<Status>>,
    _over: DropGuard,
}

impl Body for TowerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let Some(rest) = &mut this.0 else { return Poll::Ready(None) };
        let polled = if rest.deadline.poll_expired(cx) {
            Some(Err(deadline::exceeded()))
        } else {
            match ready!(rest.answer.poll_data(cx)) {
                Some(Ok(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Some(Err(status)) => Some(Err(rest.failure.get().cloned().unwrap_or(status))),
                None => rest.answer.take_trailers().map(|trailers| Ok(Frame::trailers(trailers))),
            }
        };
        this.0 = None;
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for TowerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerBody").finish_non_exhaustive()
    }
}
