//! What a client makes of an answer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Extensions, Status, metadata::MetadataMap};

use super::{
    CallOptions,
    request::Fate,
    transport::{IncomingCall, Rest},
};
use crate::{
    call::{End, Trailers},
    codec::{MAX_DECODING_MESSAGE_SIZE, Reader},
    deadline::{self, Deadline},
    status::received,
    stream::Messages,
};

/// What ends a call from the caller's side: time, somebody who cancels, and its own request.
pub(crate) struct Limits {
    pub(crate) deadline: Deadline,
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    fate: Fate,
}

impl Limits {
    pub(crate) fn new(
        deadline: Deadline,
        cancellation: Option<CancellationToken>,
        fate: Fate,
    ) -> Self {
        let cancelled = cancellation.map(|token| Box::pin(token.cancelled_owned()));
        Self { deadline, cancelled, fate }
    }

    /// Why the call is over although the server has not ended it; wakes the task when it is.
    ///
    /// Time is asked first: a peer that gives up at the same moment resets the call, and the caller
    /// should still hear that time ran out.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Option<Status> {
        if self.deadline.poll_expired(cx) {
            return Some(deadline::exceeded());
        }
        if let Some(cancelled) = &mut self.cancelled
            && cancelled.as_mut().poll(cx).is_ready()
        {
            return Some(Status::cancelled("the caller cancelled the call"));
        }
        self.fate.poll_failure(cx)
    }

    /// The reason why a call failed: the caller's own, where there is one.
    pub(super) fn or_own(&mut self, cx: &mut Context<'_>, status: Status) -> Status {
        self.fate.poll_failure(cx).unwrap_or_else(|| self.deadline.blame(status))
    }

    /// Polls something within the limits.
    pub(super) fn poll_bound<R>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<Result<R, Status>>,
    ) -> Poll<Result<R, Status>> {
        if let Some(status) = self.poll_over(cx) {
            return Poll::Ready(Err(status));
        }
        let result = ready!(poll(cx));
        Poll::Ready(result.map_err(|status| self.or_own(cx, status)))
    }

    /// Waits for the head of an answer, unless the call is over before.
    pub(crate) async fn bound(
        &mut self,
        mut carried: Pin<&mut impl Future<Output = Result<IncomingCall, Status>>>,
    ) -> Result<IncomingCall, Status> {
        let unanswered = self.fate.unanswered();
        let result = std::future::poll_fn(|cx| {
            self.poll_bound(cx, |cx| {
                carried.as_mut().poll(cx).map(|answer| answer.and_then(IncomingCall::begun))
            })
        })
        .await;
        if result.is_ok() {
            unanswered.answered();
        }
        result
    }
}

/// The messages of an answer, within the limits of the call.
pub(crate) struct ResponseMessages {
    reader: Reader,
    rest: Rest,
    limits: Limits,
    trailers: Option<Trailers>,
}

impl ResponseMessages {
    /// The beginning of an answer, apart from its messages.
    ///
    /// # Errors
    ///
    /// Where the answer is compressed in a way that was not offered (gRPC's `doc/compression.md`).
    pub(crate) fn of(
        call: IncomingCall,
        options: &CallOptions,
        limits: Limits,
    ) -> Result<(MetadataMap, Extensions, Self), Status> {
        let IncomingCall { metadata, extensions, encoding, rest } = call;
        let compression = match encoding.as_deref().map(|name| options.accept.named(name)) {
            None => None,
            Some(Ok(compression)) => compression,
            Some(Err(_)) if matches!(rest, Rest::End(_)) => None,
            Some(Err(name)) => {
                let name = String::from_utf8_lossy(name);
                let why = format!("the answer is compressed as {name}, which was not offered");
                return Err(received(Status::internal(why), metadata));
            }
        };
        let limit = options.max_decoding_message_size.unwrap_or(MAX_DECODING_MESSAGE_SIZE);
        let reader = Reader::new(compression, limit);
        Ok((metadata, extensions, Self { reader, rest, limits, trailers: None }))
    }

    /// The one message of an answer, and its trailers.
    pub(crate) async fn one(&mut self) -> Result<(Bytes, Option<Trailers>), Status> {
        let message = self.next().await?.ok_or_else(|| cardinality("none"))?;
        if self.next().await?.is_some() {
            return Err(cardinality("more than one"));
        }
        Ok((message, self.trailers.take()))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        std::future::poll_fn(|cx| self.poll_message(cx)).await.transpose()
    }

    fn poll_end(&mut self, end: End) -> Option<Result<Bytes, Status>> {
        if self.reader.is_within_a_message() {
            return Some(Err(Status::internal("the answer ended within a message")));
        }
        match end.status {
            Ok(()) => {
                self.trailers = end.trailers;
                None
            }
            Err(status) => Some(Err(received(status, MetadataMap::new()))),
        }
    }
}

/// gRPC's `doc/statuscodes.md` has this as "cardinality violation".
fn cardinality(how_many: &str) -> Status {
    Status::unimplemented(format!("expected one response message, got {how_many}"))
}

impl Messages for ResponseMessages {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        if let Some(status) = self.limits.poll_over(cx) {
            return Poll::Ready(Some(Err(status)));
        }
        let polled = loop {
            if let Some(next) = self.reader.next().transpose() {
                return Poll::Ready(Some(next));
            }
            let source = match &mut self.rest {
                Rest::Messages(source) => source,
                Rest::End(_) => {
                    let ended = Rest::End(End::ok(None));
                    let Rest::End(end) = std::mem::replace(&mut self.rest, ended) else {
                        unreachable!("it was an end")
                    };
                    break self.poll_end(end);
                }
            };
            match source.poll_data(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(data))) => self.reader.push(data),
                Poll::Ready(Some(Err(status))) => break Some(Err(status)),
                Poll::Ready(None) => {
                    let end = source.end();
                    break self.poll_end(end);
                }
            }
        };
        Poll::Ready(match polled {
            None => self.limits.fate.poll_failure(cx).map(Err),
            Some(Err(status)) => Some(Err(self.limits.or_own(cx, status))),
            some => some,
        })
    }

    fn trailers(&mut self) -> Option<MetadataMap> {
        Some(self.trailers.take().map(|it| it.take()).unwrap_or_default())
    }
}

/// Whoever drops an answer has no use for the rest of the request either. Without this the request
/// stream would keep the call alive.
impl Drop for ResponseMessages {
    fn drop(&mut self) {
        self.limits.fate.cancel();
    }
}
