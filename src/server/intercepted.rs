//! A call that goes through interceptors, on the server's side.

use std::{
    borrow::Cow,
    future::poll_fn,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use sync_wrapper::SyncWrapper;
use tonic::{Extensions, Response, Status, metadata::MetadataMap};

use super::{
    Dispatch, Peer,
    call::{Call, Handler, Ready, Taker, panicked},
    method::{BoxFuture, Input, One, Request, RequestHead, RequestMessages},
    peer::ConnectionInfo,
};
use crate::{
    Compression, Message, ServiceDescriptor, Trailers,
    call::{Reply, headers, keep, lock, wake_other},
    codec::{PREFIX, Writer},
    deadline::Deadline,
    intercept::{self, Chain, End, Half, Hooks, Info, Inner, Level, Next, OnResponse, Tap},
    status::outgoing,
};

/// The interceptors of a service, and what is inside of them.
pub(crate) struct Interception {
    pub(crate) chain: Chain,
    service: &'static ServiceDescriptor,
    handlers: Box<dyn Handlers>,
}

/// Calls handlers by their paths.
trait Handlers: Send + Sync {
    fn start(
        &self,
        path: &str,
        head: RequestHead,
        body: Body,
        writer: Writer,
        ready: Option<Arc<Mutex<Ready>>>,
    ) -> Option<Handler>;
}

struct Direct<C, S>(Arc<S>, PhantomData<fn() -> C>);

impl<C: Dispatch<S>, S: Send + Sync + 'static> Handlers for Direct<C, S> {
    fn start(
        &self,
        path: &str,
        head: RequestHead,
        body: Body,
        writer: Writer,
        ready: Option<Arc<Mutex<Ready>>>,
    ) -> Option<Handler> {
        let service = Arc::clone(&self.0);
        match (C::method(path)?.input(), body) {
            (Input::One(start), Body::One(message)) => {
                Some(start.call_into(service, Request::new(head, One(message)), writer, ready))
            }
            (Input::Many(start), Body::Many(messages)) => {
                let request = Request::new(head, messages.into_inner());
                Some(start.call_into(service, request, writer, ready))
            }
            _ => None,
        }
    }
}

/// What a caller sends.
pub(crate) enum Body {
    One(Bytes),
    Many(SyncWrapper<RequestMessages>),
}

impl Body {
    pub(crate) fn many(messages: RequestMessages) -> Self {
        Self::Many(SyncWrapper::new(messages))
    }
}

/// What a call has on this side, besides what interceptors see.
pub(crate) struct CallHalf {
    connection: Option<Arc<ConnectionInfo>>,
    body: Body,
    writer: Writer,
    /// Where an answer of many messages goes.
    ready: Option<Arc<Mutex<Ready>>>,
}

impl CallHalf {
    pub(crate) fn peer(&self) -> Option<&Peer> {
        self.connection.as_ref().map(|it| &it.peer)
    }

    pub(crate) fn try_clone(&self) -> Option<Self> {
        let Body::One(message) = &self.body else { return None };
        Some(Self {
            connection: self.connection.clone(),
            body: Body::One(message.clone()),
            writer: self.writer,
            ready: self.ready.clone(),
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
        let mut framed = Vec::new();
        self.writer.write(message, &mut framed)?;
        let mut metadata = MetadataMap::new();
        hooks.on_response.iter().for_each(|change| change(&mut metadata));
        let tap = Tap::responses(info.flow.clone(), hooks.responses);
        tap.framed(self.writer.compression, &mut framed)?;
        let extensions = Extensions::new();
        let Some(ready) = self.ready else {
            return Ok(End::of(Reply { metadata, extensions, message: framed.into() }));
        };
        info.claim()?;
        let mut ready = lock(&ready);
        ready.head = Some(Response::from_parts(metadata, (), extensions));
        ready.messages = framed;
        Ok(End::default())
    }
}

impl Interception {
    /// The interceptors of a service; none where there are none.
    pub(crate) fn of<C, S>(chain: &Chain, service: &Arc<S>) -> Option<Arc<Self>>
    where
        C: Dispatch<S>,
        S: Send + Sync + 'static,
    {
        if chain.is_empty() {
            return None;
        }
        let handlers = Box::new(Direct::<C, S>(Arc::clone(service), PhantomData));
        Some(Arc::new(Self { chain: chain.clone(), service: C::DESCRIPTOR, handlers }))
    }

    /// Calls a handler through the interceptors.
    pub(crate) fn call(
        self: &Arc<Self>,
        path: Cow<'static, str>,
        head: RequestHead,
        mut body: Body,
        writer: Writer,
        deadline: Deadline,
    ) -> Call {
        let length = match &body {
            Body::One(message) => message.len() as u64,
            Body::Many(_) => 0,
        };
        let info = Info::of(self.service, path, deadline.moment(), length, PREFIX as u8);
        if let Body::Many(messages) = &mut body {
            messages.get_mut().tap(Tap::requests(info.flow.clone(), Vec::new()));
        }
        let RequestHead { metadata, extensions, connection } = head;
        let metadata = headers::received(metadata.into_headers());
        let ready = info.is_answered_by_many().then(Arc::default);
        let half = Half::Server(CallHalf { connection, body, writer, ready });
        let call = intercept::Call { info, metadata, extensions, half, hooks: None };
        let mut level = Level::new(&self.chain, 0, &call);
        let begun = AssertUnwindSafe(|| deadline.enter(|| self.begin(&mut level, call)));
        let handler = match catch_unwind(begun) {
            Ok(begun) => begun.unwrap_or_else(|status| Handler::Ended(outgoing(status))),
            Err(_) => Handler::Ended(panicked()),
        };
        Call::new(handler, deadline, &writer).within(level)
    }

    fn begin(
        self: &Arc<Self>,
        level: &mut Level,
        mut call: intercept::Call,
    ) -> Result<Handler, Status> {
        let function = level.begin(&mut call)?;
        let ready = match &call.half {
            Half::Server(half) => half.ready.clone(),
            #[cfg(feature = "client")]
            Half::Client(_) => None,
        };
        Ok(match function {
            Some(at) => {
                let next = Next::of_service(self, at + 1);
                Handler::Around(self.chain.function(at).call(call, next), ready.map(Taker))
            }
            // Nobody looks at what passes, so the handler is called as it always is.
            None if call.hooks.is_none() => {
                let intercept::Call { info, metadata, extensions, half, .. } = call;
                self.start(&info, metadata, extensions, on_this_side(half)?)?
            }
            None => {
                let this = Arc::clone(self);
                let handler = Box::pin(async move { Inner::call(&*this, call).await });
                Handler::Around(handler, ready.map(Taker))
            }
        })
    }

    /// Calls the handler.
    fn start(
        &self,
        info: &Info,
        metadata: MetadataMap,
        extensions: Extensions,
        half: CallHalf,
    ) -> Result<Handler, Status> {
        let CallHalf { connection, body, writer, ready } = half;
        let head = RequestHead { metadata, extensions, connection };
        let handler = self.handlers.start(info.path(), head, body, writer, ready);
        handler.ok_or_else(|| Status::internal("the call has another shape of its method"))
    }
}

/// To pass on a call of a client here is a fault of an interceptor.
fn on_this_side(half: Half) -> Result<CallHalf, Status> {
    match half {
        Half::Server(half) => Ok(half),
        #[cfg(feature = "client")]
        Half::Client(_) => Err(Status::internal(
            "an interceptor has passed on a call of a client in the place of one of the server",
        )),
    }
}

impl Inner for Interception {
    async fn call(&self, call: intercept::Call) -> Result<End, Status> {
        let intercept::Call { info, metadata, extensions, half, hooks } = call;
        let mut half = on_this_side(half)?;
        let hooks = hooks.map(|it| *it).unwrap_or_default();
        let compression = half.writer.compression;
        let flow = info.flow.clone();
        match &mut half.body {
            Body::One(message) => Tap::requests(None, hooks.requests).message(message)?,
            Body::Many(messages) => {
                messages.get_mut().tap(Tap::requests(flow.clone(), hooks.requests));
            }
        }
        let responses = Tap::responses(flow, hooks.responses);
        info.may_answer()?;
        match self.start(&info, metadata, extensions, half)? {
            Handler::One(mut handler) => {
                let answered = poll_fn(|cx| {
                    let polled = handler.as_mut().poll(cx);
                    responses.refused().map_or(polled, |status| Poll::Ready(Err(status)))
                });
                let mut reply = answered.await?;
                hooks.on_response.iter().for_each(|change| change(&mut reply.metadata));
                responses.whole(compression, &reply.message)?;
                Ok(End::of(reply))
            }
            Handler::Many(handler, ready) => {
                let mut answer = Answer {
                    info,
                    handler,
                    ready,
                    compression,
                    responses,
                    on_response: hooks.on_response,
                    trailers: None,
                };
                poll_fn(|cx| answer.poll(cx)).await?;
                Ok(End { trailers: answer.trailers, reply: None })
            }
            Handler::Around(..) | Handler::Ended(_) => unreachable!("that is no handler yet"),
        }
    }
}

/// An answer of many messages, which pass on their way to the transport.
struct Answer {
    info: Info,
    handler: BoxFuture<()>,
    ready: Arc<Mutex<Ready>>,
    compression: Option<Compression>,
    responses: Tap,
    on_response: Vec<OnResponse>,
    trailers: Option<Trailers>,
}

impl Answer {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        let Self { info, handler, ready, compression, responses, on_response, trailers } = self;
        {
            let mut ready = lock(ready);
            if ready.is_gone {
                return Poll::Ready(Err(Status::cancelled("the caller went away")));
            }
            // An interceptor may poll this in a task of its own, while the transport has no room.
            if !ready.messages.is_empty() {
                keep(&mut ready.giver, cx.waker());
                return Poll::Pending;
            }
        }
        let polled = handler.as_mut().poll(cx);
        let mut ready = lock(ready);
        let Ready { head, messages, taker, giver, .. } = &mut *ready;
        if trailers.is_none() && (head.is_some() || !messages.is_empty()) {
            // Another answer may have begun while this handler was at work.
            if let Err(status) = info.claim() {
                messages.clear();
                return Poll::Ready(Err(status));
            }
            let head = head.get_or_insert_with(|| Response::new(()));
            on_response.drain(..).for_each(|change| change(head.metadata_mut()));
            *trailers = Some(head.extensions_mut().get_or_insert_default::<Trailers>().clone());
        }
        let passed = responses.framed(*compression, messages);
        if head.is_some() || !messages.is_empty() {
            keep(giver, cx.waker());
            wake_other(taker, cx);
        }
        if let Some(status) = passed.err().or_else(|| responses.refused()) {
            return Poll::Ready(Err(status));
        }
        polled
    }
}
