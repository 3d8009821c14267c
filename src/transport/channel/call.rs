//! A call over a channel: a place on a connection, the request, the head of the answer; and the same again
//! where the server has not looked at it.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use tokio::time::Instant;
use tonic::{Extensions, Status};

use super::{
    calls::{self, Outcome},
    engine::{self, AnswerHead, Exchange, Failure},
    pool::{Permit, Pool},
    sending::{Batches, First, Outgoing},
    target::Target,
};
use crate::{
    call::{End, Source, headers},
    client::{
        Cancelled, IncomingCall, OutgoingCall, OutgoingHead, OutgoingMessages, RequestStream, Rest,
        Transport, answer, end_of_answer, uri, without_status,
    },
};

/// Calls one server, over as many connections as it takes.
pub(super) struct Caller<X: Exchange> {
    pub(super) pool: Arc<Pool<X>>,
    pub(super) about: Arc<About>,
}

/// What all calls of a channel say.
pub(super) struct About {
    pub(super) target: Target,
    /// The fields that each of them has.
    pub(super) fields: HeaderMap,
}

impl<X: Exchange> Clone for Caller<X> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool), about: Arc::clone(&self.about) }
    }
}

/// What a call begins with, apart from its messages.
pub(super) struct Beginning<R> {
    pub(super) wait_for_ready: bool,
    pub(super) until: Option<Instant>,
    /// Makes the request, for a server that takes blocks of header fields of this length.
    pub(super) request: R,
}

/// The messages of a call.
pub(super) enum Messages<B> {
    One(Bytes),
    Many(Outgoing<B>),
}

impl<B: Batches> Messages<B> {
    fn can_be_resent(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Many(outgoing) => outgoing.can_be_resent(),
        }
    }
}

impl<X: Exchange> Caller<X> {
    /// Begins a call, and waits for the head of its answer.
    pub(super) async fn call<B: Batches>(
        &self,
        beginning: Beginning<impl Fn(usize) -> Result<Request<()>, Status> + Send>,
        messages: Messages<B>,
    ) -> Result<(AnswerHead, Answer<X>), Status> {
        let Beginning { wait_for_ready, until, request } = beginning;
        let mut has_tried_again = false;
        loop {
            let permit = self.pool.permit(wait_for_ready).await?;
            let calls = permit.calls();
            let head = request(calls.watch.longest_block())?;
            let handed_in = match &messages {
                Messages::One(message) => {
                    let messages = message.clone();
                    calls.hand_in(engine::Request { head, messages, is_whole: true }, until, None)
                }
                Messages::Many(outgoing) => {
                    let (First { messages, is_whole }, send) = self.first(outgoing).await?;
                    calls.hand_in(engine::Request { head, messages, is_whole }, until, send)
                }
            };
            match poll_fn(|cx| handed_in.poll(cx)).await {
                Outcome::Answered(exchange, head) => {
                    calls.note_answer();
                    if let Messages::Many(outgoing) = messages {
                        outgoing.forget();
                    }
                    return Ok((head, Answer::new(exchange, permit)));
                }
                Outcome::Unsent => {}
                Outcome::Failed(Failure::Unprocessed(_))
                    if !has_tried_again && messages.can_be_resent() =>
                {
                    has_tried_again = true;
                }
                Outcome::Failed(failure) => return Err(failure.into_status()),
            }
        }
    }

    /// The messages that go with the head of a request, and what sends those that follow.
    async fn first<B: Batches>(
        &self,
        outgoing: &Outgoing<B>,
    ) -> Result<(First, Option<calls::Send<X>>), Status> {
        let cancelled = |Cancelled| Status::cancelled("the call was cancelled");
        let gone = || Status::unavailable("the request is too long to be sent again");
        let mut attempt = outgoing.attempt().ok_or_else(gone)?;
        let first = poll_fn(|cx| Poll::Ready(attempt.poll_first(cx))).await.map_err(cancelled)?;
        let runtime = self.pool.runtime().clone();
        let send: calls::Send<X> =
            Box::new(move |sending| drop(runtime.spawn(attempt.send(sending))));
        let send = (!first.is_whole).then_some(send);
        Ok((first, send))
    }

    fn request(&self, head: &OutgoingHead, longest: usize) -> Result<Request<()>, Status> {
        let About { target, fields } = &*self.about;
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = match &head.options.origin {
            Some(origin) => uri(head.path.clone(), Some(origin))?,
            None => target.uri_of(head.path.clone())?,
        };
        let mut fields = fields.clone();
        head.add_fields(&mut fields);
        headers::fits(request.uri(), &fields, longest)?;
        *request.headers_mut() = fields;
        Ok(request)
    }
}

impl<X: Exchange> Transport for Caller<X> {
    async fn carry(&self, call: OutgoingCall) -> Result<IncomingCall, Status> {
        let OutgoingCall { head, messages } = call;
        let messages = match messages {
            OutgoingMessages::One(message) => Messages::One(message),
            OutgoingMessages::Many(stream) => Messages::Many(Outgoing::new(stream)),
        };
        let beginning = Beginning {
            wait_for_ready: head.options.wait_for_ready,
            until: head.until,
            request: |longest| self.request(&head, longest),
        };
        let (head, rest) = self.call::<RequestStream>(beginning, messages).await?;
        let AnswerHead { status, fields, is_end } = head;
        Ok(answer(status, fields, Extensions::new(), |status| match is_end {
            true => Rest::End(without_status(status)),
            false => Rest::Messages(Box::new(AnswerSource { answer: rest, status })),
        }))
    }
}

impl Batches for RequestStream {
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cancelled>>> {
        self.poll_batch(cx)
    }

    fn has_ended(&self) -> bool {
        self.has_ended()
    }

    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_cancelled(cx)
    }
}

/// The rest of an answer.
pub(super) struct Answer<X: Exchange> {
    exchange: X,
    /// Until the answer has ended.
    permit: Option<Permit<X>>,
    has_all_data: bool,
    trailers: Option<HeaderMap>,
}

impl<X: Exchange> Answer<X> {
    fn new(exchange: X, permit: Permit<X>) -> Self {
        Self { exchange, permit: Some(permit), has_all_data: false, trailers: None }
    }

    /// The next bytes. At their end the trailers are there.
    pub(super) fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Status>>> {
        if !self.has_all_data {
            match ready!(self.exchange.poll_data(cx)) {
                Some(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                Some(Err(status)) => {
                    self.permit = None;
                    return Poll::Ready(Some(Err(status)));
                }
                None => self.has_all_data = true,
            }
        }
        if self.permit.is_none() {
            return Poll::Ready(None);
        }
        let trailers = ready!(self.exchange.poll_trailers(cx));
        self.permit = None;
        Poll::Ready(match trailers {
            Ok(trailers) => {
                self.trailers = trailers;
                None
            }
            Err(status) => Some(Err(status)),
        })
    }

    pub(super) fn take_trailers(&mut self) -> Option<HeaderMap> {
        self.trailers.take()
    }
}

struct AnswerSource<X: Exchange> {
    answer: Answer<X>,
    status: StatusCode,
}

impl<X: Exchange> Source for AnswerSource<X> {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        self.answer.poll_data(cx)
    }

    fn end(&mut self) -> End {
        end_of_answer(self.answer.take_trailers(), self.status)
    }
}
