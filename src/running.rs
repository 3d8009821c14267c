//! A handler while it runs.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tonic::Status;

use crate::{
    deadline::{self, Deadline},
    status::outgoing,
};

pin_project! {
    /// A handler within its deadline.
    ///
    /// | the handler | the caller gets |
    /// |---|---|
    /// | returns an error | that status, without what another server put into it |
    /// | takes too long | DEADLINE_EXCEEDED |
    /// | panics | INTERNAL; the connection and the server live on |
    pub(crate) struct Running<F> {
        #[pin]
        handler: F,
        deadline: Deadline,
    }
}

impl<F> Running<F> {
    pub(crate) fn new(handler: F, deadline: Deadline) -> Self {
        Self { handler, deadline }
    }
}

impl<F, R> Future for Running<F>
where
    F: Future<Output = Result<R, Status>>,
{
    type Output = Result<R, Status>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The state that a panic may have left half-changed belongs to the handler, which is not
        // polled again, and to the service, which is told so by its own poisoned locks.
        let poll = AssertUnwindSafe(|| this.handler.poll(cx));
        let polled = catch_unwind(AssertUnwindSafe(|| this.deadline.enter(poll)));
        match polled {
            Err(_) => Poll::Ready(Err(Status::internal("the handler panicked"))),
            Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(outgoing)),
            Ok(Poll::Pending) if this.deadline.poll_expired(cx) => {
                Poll::Ready(Err(deadline::exceeded()))
            }
            Ok(Poll::Pending) => Poll::Pending,
        }
    }
}
