//! A call that goes through interceptors, on the client's side.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use sync_wrapper::SyncWrapper;
use tonic::{Extensions, Status, metadata::MetadataMap};

use super::{
    BoxTransport, CallOptions, Transport,
    request::{Fate, RequestStream},
    response::{Limits, ResponseMessages},
    transport::{OutgoingCall, OutgoingHead, OutgoingMessages},
};
use crate::{
    Message, ServiceDescriptor, Trailers,
    call::{Reply, keep, lock, wake_other},
    codec::PREFIX,
    deadline::Deadline,
    intercept::{Call, Chain, End, Half, Hooks, Info, Inner, Next, Tap, run},
    status::with_headers,
    stream::Messages,
};

/// The interceptors of a client, and what is inside of them.
pub(crate) struct Interception {
    pub(crate) chain: Chain,
    transport: BoxTransport,
}

impl Interception {
    /// The interceptors of a client; none where there are none.
    pub(super) fn of(chain: &Chain, transport: &impl Transport) -> Option<Arc<Self>> {
        if chain.is_empty() {
            return None;
        }
        let transport = BoxTransport::new(transport.clone());
        Some(Arc::new(Self { chain: chain.clone(), transport }))
    }
}

impl Inner for Interception {
    async fn call(&self, call: Call) -> Result<End, Status> {
        exchange(&self.transport, call).await
    }
}

/// A transport inside of interceptors that are all types, so that nothing needs to be boxed.
struct Over<'a, T>(&'a T);

impl<T: Transport> Inner for Over<'_, T> {
    async fn call(&self, call: Call) -> Result<End, Status> {
        exchange(self.0, call).await
    }
}

/// What the caller sends.
enum Body {
    One(Bytes),
    Many(SyncWrapper<RequestStream>),
}

/// What a call has on this side, besides what interceptors see.
pub(crate) struct CallHalf {
    body: Body,
    fate: Fate,
    options: Arc<CallOptions>,
    /// Where an answer of many messages goes.
    slot: Option<SharedSlot>,
}

impl CallHalf {
    pub(crate) fn try_clone(&self) -> Option<Self> {
        let Body::One(message) = &self.body else { return None };
        Some(Self {
            body: Body::One(message.clone()),
            fate: Fate::settled(),
            options: Arc::clone(&self.options),
            slot: self.slot.clone(),
        })
    }

    /// Answers with a message of an interceptor's own.
    pub(crate) fn respond(
        self,
        info: &Info,
        hooks: Option<Box<Hooks>>,
        message: &impl Message,
    ) -> Result<End, Status> {
        let hooks = hooks.unwrap_or_default();
        let message = Bytes::from(message.encode_to_vec());
        let (mut metadata, extensions) = (MetadataMap::new(), Extensions::new());
        hooks.on_response.iter().for_each(|change| change(&mut metadata));
        Tap::responses(info.flow.clone(), hooks.responses).message(&message)?;
        let Some(slot) = self.slot else {
            return Ok(End::of(Reply { metadata, extensions, message }));
        };
        info.claim()?;
        let mut slot = lock(&slot);
        slot.head = Some((metadata, extensions));
        slot.message = Some(message);
        Ok(End::default())
    }
}

pub(super) type SharedSlot = Arc<Mutex<Slot>>;

/// Where an answer of many messages changes hands, one after the other.
#[derive(Default)]
pub(crate) struct Slot {
    head: Option<(MetadataMap, Extensions)>,
    message: Option<Bytes>,
    /// The innermost end of the interceptors, which waits until the message is taken.
    giver: Option<Waker>,
    /// The caller.
    taker: Option<Waker>,
    is_gone: bool,
}

/// A call for interceptors, and where its messages come, if there may be many.
pub(super) fn intercepted(
    service: &'static ServiceDescriptor,
    head: OutgoingHead,
    messages: OutgoingMessages,
    fate: Fate,
) -> (Call, Option<SharedSlot>) {
    let OutgoingHead { path, options, until, metadata, extensions, .. } = head;
    let (length, body) = match messages {
        OutgoingMessages::One(framed) => ((framed.len() - PREFIX) as u64, Body::One(framed)),
        OutgoingMessages::Many(messages) => (0, Body::Many(SyncWrapper::new(messages))),
    };
    let info = Info::of(service, path, until, length, 0);
    let slot: Option<SharedSlot> = info.is_answered_by_many().then(Arc::default);
    let half = Half::Client(CallHalf { body, fate, options, slot: slot.clone() });
    (Call { info, metadata, extensions, half, hooks: None }, slot)
}

/// Makes a call to the end of its answer, which is one message.
pub(super) async fn one(
    transport: &impl Transport,
    interception: &Arc<Interception>,
    call: Call,
    mut limits: Limits,
) -> Result<Reply, Status> {
    let next = |at| Next::of_transport(interception, at);
    let over = Over(transport);
    let mut running = pin!(run(&over, &interception.chain, 0, call, next));
    let end = poll_fn(|cx| limits.poll_bound(cx, |cx| running.as_mut().poll(cx))).await?;
    let mut reply = end.reply.ok_or_else(of_another_call)?;
    if let Some(trailers) = end.trailers {
        reply.extensions.insert(trailers);
    }
    Ok(reply)
}

fn of_another_call() -> Status {
    Status::internal("an interceptor has given the end of another call")
}

/// Makes a call to the head of its answer, whose messages are polled.
pub(super) async fn many(
    interception: &Arc<Interception>,
    call: Call,
    slot: SharedSlot,
    limits: Limits,
) -> Result<(MetadataMap, Extensions, impl Messages + 'static), Status> {
    let interception = Arc::clone(interception);
    let running = Box::pin(async move {
        let next = |at| Next::of_transport(&interception, at);
        run(&*interception, &interception.chain, 0, call, next).await
    });
    let mut through = Through { running: Some(running), slot, limits, end: None, trailers: None };
    let (metadata, extensions) = poll_fn(|cx| through.poll_head(cx)).await?;
    Ok((metadata, extensions, through))
}

/// Makes a call, inside of all interceptors.
async fn exchange(transport: &impl Transport, call: Call) -> Result<End, Status> {
    let Call { info, metadata, extensions, half, hooks } = call;
    let CallHalf { body, fate, options, slot } = on_this_side(half)?;
    let hooks = hooks.map(|it| *it).unwrap_or_default();
    let compression = options.send;
    let messages = match body {
        Body::One(framed) => {
            Tap::requests(None, hooks.requests).whole(compression, &framed)?;
            OutgoingMessages::One(framed)
        }
        Body::Many(messages) => {
            let mut messages = messages.into_inner();
            messages.tap(Tap::requests(info.flow.clone(), hooks.requests), compression);
            OutgoingMessages::Many(messages)
        }
    };
    let responses = Tap::responses(info.flow.clone(), hooks.responses);
    let head = OutgoingHead {
        path: info.to_path(),
        service: info.service,
        options: Arc::clone(&options),
        until: info.until,
        metadata,
        extensions,
    };
    // Whoever drives the interceptors sees to the deadline, and to a caller that cancels.
    let mut limits = Limits::new(Deadline::at(None), None, fate);
    let carried = pin!(transport.carry(OutgoingCall { head, messages }));
    let answer = limits.bound(carried).await?;
    let (mut metadata, mut extensions, mut messages) =
        ResponseMessages::of(answer, &options, limits)?;
    hooks.on_response.iter().for_each(|change| change(&mut metadata));
    let Some(slot) = slot else {
        return match messages.one().await {
            Ok((message, trailers)) => {
                responses.message(&message)?;
                extensions.remove::<Trailers>();
                Ok(End { trailers, reply: Some(Reply { metadata, extensions, message }) })
            }
            Err(status) => Err(with_headers(status, metadata)),
        };
    };
    info.claim()?;
    let mut head = Some((metadata, extensions));
    poll_fn(|cx| {
        loop {
            let mut place = lock(&slot);
            if let Some(head) = head.take() {
                place.head = Some(head);
                wake_other(&mut place.taker, cx);
            }
            if place.is_gone {
                return Poll::Ready(Err(Status::cancelled("the caller went away")));
            }
            if place.message.is_some() {
                keep(&mut place.giver, cx.waker());
                return Poll::Pending;
            }
            drop(place);
            let message = match messages.poll_message(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(message)) => message?,
            };
            responses.message(&message)?;
            let mut place = lock(&slot);
            place.message = Some(message);
            wake_other(&mut place.taker, cx);
        }
    })
    .await?;
    let trailers = messages.trailers().and_then(Trailers::of);
    Ok(End { trailers, reply: None })
}

/// To pass on a call of a server here is a fault of an interceptor.
fn on_this_side(half: Half) -> Result<CallHalf, Status> {
    match half {
        Half::Client(half) => Ok(half),
        #[cfg(feature = "server")]
        Half::Server(_) => Err(Status::internal(
            "an interceptor has passed on a call of the server in the place of one of a client",
        )),
    }
}

type Running = Pin<Box<dyn Future<Output = Result<End, Status>> + Send>>;

/// An answer of many messages, which come through interceptors.
struct Through {
    /// `None` when it has ended.
    running: Option<Running>,
    slot: SharedSlot,
    limits: Limits,
    end: Option<Result<End, Status>>,
    trailers: Option<Trailers>,
}

impl Through {
    /// Goes on with the call until `take` finds something, or until it has ended.
    fn poll_for<R>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl Fn(&mut Slot) -> Option<R>,
    ) -> Poll<Result<Option<R>, Status>> {
        if let Some(status) = self.limits.poll_over(cx) {
            return Poll::Ready(Err(status));
        }
        loop {
            let mut slot = lock(&self.slot);
            if let Some(found) = take(&mut slot) {
                wake_other(&mut slot.giver, cx);
                return Poll::Ready(Ok(Some(found)));
            }
            keep(&mut slot.taker, cx.waker());
            drop(slot);
            let Some(running) = &mut self.running else { return Poll::Ready(Ok(None)) };
            match running.as_mut().poll(cx) {
                Poll::Ready(end) => (self.running, self.end) = (None, Some(end)),
                Poll::Pending => {
                    let mut slot = lock(&self.slot);
                    let Some(found) = take(&mut slot) else { return Poll::Pending };
                    wake_other(&mut slot.giver, cx);
                    return Poll::Ready(Ok(Some(found)));
                }
            }
        }
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(MetadataMap, Extensions), Status>> {
        self.poll_for(cx, |slot| slot.head.take()).map(|polled| match (polled?, self.end.take()) {
            (Some(head), end) => {
                self.end = end;
                Ok(head)
            }
            (None, Some(Err(status))) => Err(self.limits.or_own(cx, status)),
            (None, _) => Err(of_another_call()),
        })
    }
}

impl Messages for Through {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        self.poll_for(cx, |slot| slot.message.take()).map(|polled| match polled.transpose() {
            Some(polled) => Some(polled),
            None => match self.end.take() {
                Some(Err(status)) => Some(Err(self.limits.or_own(cx, status))),
                end => {
                    self.trailers = end.and_then(Result::ok).and_then(|end| end.trailers);
                    None
                }
            },
        })
    }

    fn trailers(&mut self) -> Option<MetadataMap> {
        Some(self.trailers.take().map(|it| it.take()).unwrap_or_default())
    }
}

/// The interceptors may go on in a task of their own, which has nobody to wait for then.
impl Drop for Through {
    fn drop(&mut self) {
        let mut slot = lock(&self.slot);
        slot.is_gone = true;
        if let Some(giver) = slot.giver.take() {
            giver.wake();
        }
    }
}
