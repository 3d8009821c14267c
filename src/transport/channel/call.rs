//! A call over a channel: a place on a connection, the request, the head of the answer; and the same again
//! where the server has not looked at it.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use tokio::{runtime::Handle, time::Instant};
use tonic::{Code, Extensions, Status};

use super::{
    attempts,
    balance::PickCall,
    balancer::{Balancer, Tried, Wish},
    calls::{self, Calls, Outcome},
    engine::{self, AnswerHead, Exchange, Failure},
    policy::Policies,
    pool::{Permit, Pool},
    sending::{Batches, First, Outgoing},
};
use crate::{
    ServiceDescriptor,
    call::{End, Source, headers},
    client::{
        Cancelled, IncomingCall, OutgoingCall, OutgoingHead, OutgoingMessages, RequestStream, Rest,
        Transport, answer, end_of_answer, uri, without_status,
    },
};

/// Calls one server, over as many connections as it takes, or one of many.
pub(super) struct Caller<X: Exchange> {
    pub(super) servers: Servers<X>,
    pub(super) about: Arc<About>,
}

/// Where calls go.
pub(super) enum Servers<X: Exchange> {
    One(Arc<Pool<X>>),
    Many(Arc<Balancer<X>>),
}

/// What all calls of a channel have in common.
pub(super) struct About {
    /// The servers, as they were named.
    pub(super) name: String,
    /// The fields that each call has.
    pub(super) fields: HeaderMap,
    /// Which calls are sent more than once.
    pub(super) policies: Option<Arc<Policies>>,
}

impl<X: Exchange> Clone for Caller<X> {
    fn clone(&self) -> Self {
        let servers = match &self.servers {
            Servers::One(pool) => Servers::One(Arc::clone(pool)),
            Servers::Many(balancer) => Servers::Many(Arc::clone(balancer)),
        };
        Self { servers, about: Arc::clone(&self.about) }
    }
}

/// What a call begins with, apart from its messages.
pub(super) struct Beginning<'a, R> {
    pub(super) path: &'a str,
    pub(super) metadata: &'a HeaderMap,
    pub(super) service: &'static ServiceDescriptor,
    pub(super) wait_for_ready: bool,
    pub(super) until: Option<Instant>,
    /// Makes the request, for a connection, and after so many attempts.
    pub(super) request: R,
}

/// The messages of a call.
pub(super) enum Messages<B> {
    One(Bytes),
    Many(Outgoing<B>),
}

impl<B: Batches> Messages<B> {
    pub(super) fn can_be_resent(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Many(outgoing) => outgoing.can_be_resent(),
        }
    }
}

impl<X: Exchange> Caller<X> {
    /// Makes a call, and waits for the head of its answer.
    pub(super) async fn call<B: Batches, R>(
        &self,
        beginning: Beginning<'_, R>,
        messages: Messages<B>,
    ) -> Result<(AnswerHead, Answer<X>), Status>
    where
        R: Fn(&Calls<X>, u32) -> Result<Request<()>, Status> + Sync,
    {
        let Beginning { path, service, .. } = beginning;
        let policy =
            self.about.policies.as_deref().and_then(|it| Some((it, it.of(path, service)?)));
        let answered = match policy {
            None => self.attempt(&beginning, &messages, None, 0).await,
            Some(policy) => Box::pin(self.attempts(policy, &beginning, &messages)).await,
        };
        if let Messages::Many(outgoing) = &messages {
            outgoing.forget();
        }
        answered
    }

    /// Makes a call once, after so many `previous` attempts at the servers that were `tried`.
    pub(super) async fn attempt<B: Batches, R>(
        &self,
        beginning: &Beginning<'_, R>,
        messages: &Messages<B>,
        tried: Option<&Tried>,
        previous: u32,
    ) -> Result<(AnswerHead, Answer<X>), Status>
    where
        R: Fn(&Calls<X>, u32) -> Result<Request<()>, Status> + Sync,
    {
        let Beginning { path, metadata, wait_for_ready, until, ref request, .. } = *beginning;
        let mut has_tried_again = false;
        loop {
            let permit = match &self.servers {
                Servers::One(pool) => pool.permit(wait_for_ready).await?,
                Servers::Many(balancer) => {
                    let call = PickCall { path, fields: metadata };
                    balancer.permit(&Wish { call, wait_for_ready, until, tried }).await?
                }
            };
            let calls = permit.calls();
            let head = request(calls, previous)?;
            let handed_in = match messages {
                Messages::One(message) => {
                    let messages = message.clone();
                    calls.hand_in(engine::Request { head, messages, is_whole: true }, until, None)
                }
                Messages::Many(outgoing) => {
                    let runtime = permit.runtime();
                    let (First { messages, is_whole }, send) =
                        first::<B, X>(outgoing, runtime).await?;
                    calls.hand_in(engine::Request { head, messages, is_whole }, until, send)
                }
            };
            match poll_fn(|cx| handed_in.poll(cx)).await {
                Outcome::Answered(exchange, head) => {
                    calls.note_answer();
                    let mut answer = Answer::new(exchange, permit, self.about.policies.clone());
                    if head.is_end {
                        answer.ended(attempts::code(&head) == Code::Ok);
                    }
                    return Ok((head, answer));
                }
                Outcome::Unsent => {}
                Outcome::Failed(Failure::Unprocessed(_))
                    if !has_tried_again && messages.can_be_resent() =>
                {
                    has_tried_again = true;
                }
                Outcome::Failed(failure) => {
                    permit.ended(false);
                    return Err(failure.into_status());
                }
            }
        }
    }

    fn request(
        &self,
        head: &OutgoingHead,
        calls: &Calls<X>,
        previous: u32,
    ) -> Result<Request<()>, Status> {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = match &head.options.origin {
            Some(origin) => uri(head.path.clone(), Some(origin))?,
            None => calls.target.uri_of(head.path.clone())?,
        };
        let mut fields = self.about.fields.clone();
        head.add_fields(&mut fields);
        note_attempts(&mut fields, previous);
        headers::fits(request.uri(), &fields, calls.watch.longest_block())?;
        *request.headers_mut() = fields;
        Ok(request)
    }
}

/// Says how often a call was sent before.
pub(super) fn note_attempts(fields: &mut HeaderMap, previous: u32) {
    const PREVIOUS: HeaderName = HeaderName::from_static("grpc-previous-rpc-attempts");
    if previous > 0 {
        fields.insert(PREVIOUS, HeaderValue::from(previous));
    }
}

/// The messages that go with the head of a request, and what sends those that follow.
async fn first<B: Batches, X: Exchange>(
    outgoing: &Outgoing<B>,
    runtime: &Handle,
) -> Result<(First, Option<calls::Send<X>>), Status> {
    let cancelled = |Cancelled| Status::cancelled("the call was cancelled");
    let gone = || Status::unavailable("the request is too long to be sent again");
    let mut attempt = outgoing.attempt().ok_or_else(gone)?;
    let first = poll_fn(|cx| Poll::Ready(attempt.poll_first(cx))).await.map_err(cancelled)?;
    let runtime = runtime.clone();
    let send: calls::Send<X> = Box::new(move |sending| drop(runtime.spawn(attempt.send(sending))));
    let send = (!first.is_whole).then_some(send);
    Ok((first, send))
}

impl<X: Exchange> Transport for Caller<X> {
    async fn carry(&self, call: OutgoingCall) -> Result<IncomingCall, Status> {
        let OutgoingCall { head, messages } = call;
        let messages = match messages {
            OutgoingMessages::One(message) => Messages::One(message),
            OutgoingMessages::Many(stream) => Messages::Many(Outgoing::new(stream)),
        };
        let beginning = Beginning {
            path: &head.path,
            metadata: head.metadata.as_ref(),
            service: head.service,
            wait_for_ready: head.options.wait_for_ready,
            until: head.until,
            request: |calls: &Calls<X>, previous| self.request(&head, calls, previous),
        };
        let (head, rest) = self.call::<RequestStream, _>(beginning, messages).await?;
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
    policies: Option<Arc<Policies>>,
}

impl<X: Exchange> Answer<X> {
    fn new(exchange: X, permit: Permit<X>, policies: Option<Arc<Policies>>) -> Self {
        Self { exchange, permit: Some(permit), has_all_data: false, trailers: None, policies }
    }

    /// Whether anybody wants to know how it ends.
    fn is_counted(&self) -> bool {
        self.policies.is_some() || self.permit.as_ref().is_some_and(Permit::is_picked)
    }

    /// Frees the place of the call, and tells those who count how it has ended.
    fn ended(&mut self, is_ok: bool) {
        if let Some(permit) = self.permit.take() {
            permit.ended(is_ok);
        }
        if is_ok && let Some(policies) = &self.policies {
            policies.succeeded();
        }
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
                    self.ended(false);
                    return Poll::Ready(Some(Err(status)));
                }
                None => self.has_all_data = true,
            }
        }
        if self.permit.is_none() {
            return Poll::Ready(None);
        }
        let trailers = ready!(self.exchange.poll_trailers(cx));
        // To look it up costs more than the rest of this.
        let status = || trailers.as_ref().ok()?.as_ref()?.get(&headers::STATUS);
        let is_ok = self.is_counted() && status().is_some_and(|it| it == "0");
        self.ended(is_ok);
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
