//! The messages that a caller sends, and what becomes of its call when they fail.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use tokio_stream::Stream;
use tonic::{CancellationHandle, Request, Status};

use crate::{Message, Streaming, rt::IntoStatus, status::received};

/// Whether a message may be sent, by the limit of its client.
pub(crate) fn small_enough(message: &impl Message, limit: Option<usize>) -> Result<(), Status> {
    let Some(limit) = limit else { return Ok(()) };
    let size = message.encoded_len();
    if size > limit {
        let why = format!("the request message has {size} bytes, and the limit is {limit}");
        return Err(Status::resource_exhausted(why));
    }
    Ok(())
}

/// The request with another payload.
pub(crate) fn map<P, R>(request: Request<P>, payload: impl FnOnce(P) -> R) -> Request<R> {
    let (metadata, extensions, it) = request.into_parts();
    Request::from_parts(metadata, extensions, payload(it))
}

/// The messages that a caller sends. When the caller's stream fails, the call is cancelled.
pub(crate) struct Fallible<Q, E> {
    messages: Streaming<Q, E>,
    limit: Option<usize>,
    fault: Fault,
}

impl<Q, E> Fallible<Q, E> {
    /// The request with its messages watched, and where their fault will be.
    pub(crate) fn of(
        mut request: Request<Streaming<Q, E>>,
        limit: Option<usize>,
    ) -> (Request<Self>, Fault) {
        let fault = Fault::of(&mut request);
        let watched = fault.clone();
        (map(request, |messages| Self { messages, limit, fault: watched }), fault)
    }
}

impl<Q: Message, E: IntoStatus> Stream for Fallible<Q, E> {
    type Item = Q;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Q>> {
        let Some(next) = ready!(Pin::new(&mut self.messages).poll_next(cx)) else {
            // The sender of a caller that leaves is dropped with the rest of it: that is no end.
            return if self.fault.is_cancelled() { Poll::Pending } else { Poll::Ready(None) };
        };
        let next = next.map_err(Into::into);
        match next.and_then(|it| small_enough(&it, self.limit).map(|()| it)) {
            Ok(message) => Poll::Ready(Some(message)),
            Err(status) => {
                self.fault.set(status);
                // To end here would say that this was all; the cancelled call drops the stream.
                Poll::Pending
            }
        }
    }
}

/// Why the caller's own stream broke off, if it did: then that is why the call failed.
#[derive(Clone)]
pub(crate) struct Fault(Option<Arc<Mutex<Cause>>>);

struct Cause {
    status: Option<Status>,
    cancel: Option<CancellationHandle>,
    /// The caller, which waits for the answer.
    waiting: Option<Waker>,
}

impl Fault {
    /// For a request that cannot fail: a message that is there.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    fn of<P>(request: &mut Request<P>) -> Self {
        let cancel = Some(request.cancellation_handle());
        Self(Some(Arc::new(Mutex::new(Cause { status: None, cancel, waiting: None }))))
    }

    /// Keeps the reason, and cancels the call.
    fn set(&self, status: Status) {
        let Some(mut cause) = self.lock() else { return };
        cause.status = Some(status);
        let waiting = cause.waiting.take();
        drop(cause);
        self.cancel();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Cancels the call, where its request stream has not ended.
    pub(crate) fn cancel(&self) {
        let cancel = self.lock().and_then(|mut cause| cause.cancel.take());
        if let Some(cancel) = cancel {
            cancel.cancel();
        }
    }

    /// Whether the call was cancelled.
    fn is_cancelled(&self) -> bool {
        self.lock().is_some_and(|cause| cause.cancel.is_none())
    }

    /// Whether there is a reason; wakes the task when there is.
    pub(crate) fn poll_set(&self, cx: &mut Context<'_>) -> bool {
        let Some(mut cause) = self.lock() else { return false };
        match &mut cause.waiting {
            Some(waiting) => waiting.clone_from(cx.waker()),
            None => cause.waiting = Some(cx.waker().clone()),
        }
        cause.status.is_some()
    }

    /// Waits for `future`, unless there is a reason why it cannot come: the connection may hold
    /// back the cancellation while the server does not read.
    pub(crate) async fn unless<R>(
        &self,
        future: impl Future<Output = Result<R, Status>>,
    ) -> Result<R, Status> {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|cx| match self.poll_set(cx) {
            true => Poll::Ready(Err(Status::cancelled("the request failed"))),
            false => future.as_mut().poll(cx),
        })
        .await
    }

    pub(crate) fn take(&self) -> Option<Status> {
        self.lock()?.status.take()
    }

    /// The reason, or else the status that came from the server.
    pub(crate) fn or(&self, status: Status) -> Status {
        self.take().unwrap_or_else(|| received(status))
    }

    /// Cancels the call when it is dropped before there is an answer.
    pub(crate) fn unanswered(&self) -> Unanswered {
        Unanswered(Some(self.clone()))
    }

    fn lock(&self) -> Option<MutexGuard<'_, Cause>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A call whose caller waits for the head of the answer. When it is dropped, the call is cancelled.
pub(crate) struct Unanswered(Option<Fault>);

impl Unanswered {
    /// The answer has come.
    pub(crate) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(fault) = &self.0 {
            fault.cancel();
        }
    }
}
