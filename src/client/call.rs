//! A call, from the arguments of a method to what it returns.

use std::{
    borrow::Cow,
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tonic::{Extensions, Request, Response, Status, metadata::MetadataMap};

use super::{
    CallOptions, Transport,
    intercepted::{self, SharedSlot},
    options::append,
    request::{Fate, RequestStream},
    response::{Limits, ResponseMessages},
    transport::{OutgoingCall, OutgoingHead, OutgoingMessages},
};
use crate::{
    Message, ServiceDescriptor, Streaming,
    call::{Reply, headers},
    clock::Instant,
    codec::{Encode, Lent, Writer},
    deadline::{self, Deadline},
    intercept,
    status::{FromStatus, IntoStatus, with_headers},
    stream::{Messages, decode},
};

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// A call that is about to be made.
pub struct Outgoing<T> {
    transport: T,
    options: Arc<CallOptions>,
    service: &'static ServiceDescriptor,
    path: Cow<'static, str>,
    until: Option<Instant>,
}

/// An answer whose head has come.
struct Answer<M> {
    metadata: MetadataMap,
    extensions: Extensions,
    messages: M,
}

impl<T: Transport> Outgoing<T> {
    pub(super) fn new(
        transport: T,
        options: Arc<CallOptions>,
        service: &'static ServiceDescriptor,
        path: Cow<'static, str>,
    ) -> Self {
        let inherited = if options.inherit_deadline { deadline::current() } else { None };
        let own = options.timeout.and_then(deadline::after);
        Self { transport, options, service, path, until: earlier(inherited, own) }
    }

    /// One message out, one back.
    ///
    /// # Errors
    ///
    /// How the call ended.
    pub async fn unary<Q, U>(self, request: Request<Q>) -> Result<Response<U>, Status>
    where
        Q: Encode,
        U: Message,
    {
        let (request, message) = self.one(request)?;
        self.one_back(request, message, Fate::settled()).await?.decode()
    }

    /// A stream out, one message back.
    ///
    /// # Errors
    ///
    /// How the call ended.
    pub async fn client_streaming<Q, E, U>(
        self,
        request: Request<Streaming<Q, E>>,
    ) -> Result<Response<U>, Status>
    where
        Q: Message,
        E: IntoStatus + 'static,
        U: Message,
    {
        let (request, messages, fate) = self.many(request);
        self.one_back(request, messages, fate).await?.decode()
    }

    /// One message out, a stream back.
    ///
    /// # Errors
    ///
    /// How the call ended before its answer began.
    pub async fn server_streaming<Q, U, E>(
        self,
        request: Request<Q>,
    ) -> Result<Response<Streaming<U, E>>, Status>
    where
        Q: Encode,
        U: Message,
        E: FromStatus,
    {
        let (request, message) = self.one(request)?;
        Ok(self.open_many(request, message, Fate::settled()).await?.many())
    }

    /// A stream out, a stream back.
    ///
    /// # Errors
    ///
    /// How the call ended before its answer began.
    pub async fn bidirectional<Q, E, U, F>(
        self,
        request: Request<Streaming<Q, E>>,
    ) -> Result<Response<Streaming<U, F>>, Status>
    where
        Q: Message,
        E: IntoStatus + 'static,
        U: Message,
        F: FromStatus,
    {
        let (request, messages, fate) = self.many(request);
        Ok(self.open_many(request, messages, fate).await?.many())
    }

    /// One message out, a stream back, which makes the call when it is first polled.
    pub fn server_streaming_when_polled<Q, U, E>(self, request: Request<Q>) -> Streaming<U, E>
    where
        Q: Encode,
        U: Message,
        E: FromStatus,
    {
        let opening =
            self.one(request).map(|(request, message)| (request, message, Fate::settled()));
        self.when_polled(opening)
    }

    /// A stream out, a stream back, which makes the call when it is first polled.
    pub fn bidirectional_when_polled<Q, E, U, F>(
        self,
        request: Request<Streaming<Q, E>>,
    ) -> Streaming<U, F>
    where
        Q: Message,
        E: IntoStatus + 'static,
        U: Message,
        F: FromStatus,
    {
        let opening = self.many(request);
        self.when_polled(Ok(opening))
    }

    fn when_polled<U: Message, E: FromStatus>(
        self,
        opening: Result<(Request<()>, OutgoingMessages, Fate), Status>,
    ) -> Streaming<U, E> {
        let opening = Box::pin(async move {
            let (request, messages, fate) = opening?;
            Ok(self.open_many(request, messages, fate).await?.messages)
        });
        Streaming::of_call(Box::new(WhenPolled::Opening(opening)))
    }

    fn writer(&self) -> Writer {
        let options = &self.options;
        Writer {
            compression: options.send,
            limit: options.max_encoding_message_size,
            side: "request",
        }
    }

    fn one<Q: Encode>(
        &self,
        request: Request<Q>,
    ) -> Result<(Request<()>, OutgoingMessages), Status> {
        let (metadata, extensions, message) = request.into_parts();
        let mut encoded = Vec::new();
        self.writer().write(&message, &mut encoded)?;
        let request = Request::from_parts(metadata, extensions, ());
        Ok((request, OutgoingMessages::One(encoded.into())))
    }

    fn many<Q, E>(&self, request: Request<Streaming<Q, E>>) -> (Request<()>, OutgoingMessages, Fate)
    where
        Q: Message,
        E: IntoStatus + 'static,
    {
        let (metadata, extensions, messages) = request.into_parts();
        let fate = Fate::open();
        let messages = RequestStream::new(messages, self.writer(), fate.clone());
        let request = Request::from_parts(metadata, extensions, ());
        (request, OutgoingMessages::Many(messages), fate)
    }

    /// Sends the request, and waits for the head of the answer.
    async fn open(
        self,
        request: Request<()>,
        messages: OutgoingMessages,
        fate: Fate,
    ) -> Result<Answer<ResponseMessages>, Status> {
        let Self { transport, options, service, path, until } = self;
        if let Some(status) = &options.invalid {
            return Err(status.clone());
        }
        let head = head((service, path), &options, until, request)?;
        let deadline = Deadline::at(head.until);
        let mut limits = Limits::new(deadline, options.cancellation.clone(), fate);
        let call = OutgoingCall { head, messages };
        // Where it lies it stays, since it is too large to be moved for nothing.
        let carried = pin!(transport.carry(call));
        let answer = limits.bound(carried).await?;
        let (metadata, extensions, messages) = ResponseMessages::of(answer, &options, limits)?;
        Ok(Answer { metadata, extensions, messages })
    }

    /// The same, for an answer of many messages.
    async fn open_many(
        self,
        request: Request<()>,
        messages: OutgoingMessages,
        fate: Fate,
    ) -> Result<Answer<Box<dyn Messages>>, Status> {
        let Some(interception) = self.options.interception.clone() else {
            let Answer { metadata, extensions, messages } =
                self.open(request, messages, fate).await?;
            return Ok(Answer { metadata, extensions, messages: Box::new(messages) });
        };
        let (_, call, slot, limits) = self.intercepted(request, messages, fate)?;
        let slot = slot.expect("the answer is a stream");
        let (metadata, extensions, messages) =
            intercepted::many(&interception, call, slot, limits).await?;
        Ok(Answer { metadata, extensions, messages: Box::new(messages) })
    }

    /// Sends the request, and waits for the whole answer.
    async fn one_back(
        self,
        request: Request<()>,
        messages: OutgoingMessages,
        fate: Fate,
    ) -> Result<Reply, Status> {
        if let Some(interception) = self.options.interception.clone() {
            let (transport, call, _, limits) = self.intercepted(request, messages, fate)?;
            return intercepted::one(&transport, &interception, call, limits).await;
        }
        let Answer { metadata, mut extensions, mut messages } =
            self.open(request, messages, fate).await?;
        match messages.one().await {
            Ok((message, trailers)) => {
                if let Some(trailers) = trailers {
                    extensions.insert(trailers);
                }
                Ok(Reply { metadata, extensions, message })
            }
            Err(status) => Err(with_headers(status, metadata)),
        }
    }

    /// The call for interceptors, and the limits within which they are driven.
    fn intercepted(
        self,
        request: Request<()>,
        messages: OutgoingMessages,
        fate: Fate,
    ) -> Result<(T, intercept::Call, Option<SharedSlot>, Limits), Status> {
        let Self { transport, options, service, path, until } = self;
        if let Some(status) = &options.invalid {
            return Err(status.clone());
        }
        let head = head((service, path), &options, until, request)?;
        let deadline = Deadline::at(head.until);
        let limits = Limits::new(deadline, options.cancellation.clone(), Fate::settled());
        let (call, slot) = intercepted::intercepted(service, head, messages, fate);
        Ok((transport, call, slot, limits))
    }
}

/// What a call begins with.
fn head(
    (service, path): (&'static ServiceDescriptor, Cow<'static, str>),
    options: &Arc<CallOptions>,
    until: Option<Instant>,
    request: Request<()>,
) -> Result<OutgoingHead, Status> {
    let (mut metadata, extensions, ()) = request.into_parts();
    append(&mut metadata, &options.metadata);
    // The deadline that the caller put into the request itself.
    let own =
        deadline::timeout_of(&headers::Fields::of(metadata.as_ref()))?.and_then(deadline::after);
    let until = earlier(until, own);
    if until.is_some_and(|until| until <= Instant::now()) {
        return Err(deadline::too_late());
    }
    let options = Arc::clone(options);
    Ok(OutgoingHead { path, service, options, until, metadata, extensions })
}

impl Reply {
    fn decode<U: Message>(self) -> Result<Response<U>, Status> {
        let Self { metadata, extensions, message } = self;
        Ok(Response::from_parts(metadata, decode(message)?, extensions))
    }
}

impl Answer<Box<dyn Messages>> {
    fn many<U: Message, E: FromStatus>(self) -> Response<Streaming<U, E>> {
        let messages = Streaming::of_call(self.messages);
        Response::from_parts(self.metadata, messages, self.extensions)
    }
}

/// A request with a message that the caller keeps.
pub fn lend<T: ?Sized>(message: &T) -> Request<Lent<'_, T>> {
    Request::new(Lent(message))
}

/// What a method returns in the plain form.
///
/// # Errors
///
/// Those of the call.
pub fn plain<U, E: FromStatus>(result: Result<Response<U>, Status>) -> Result<U, E> {
    result.map(Response::into_inner).map_err(E::from)
}

/// What a method returns in the envelope form.
///
/// # Errors
///
/// Those of the call.
pub fn envelope<U, E: FromStatus>(result: Result<Response<U>, Status>) -> Result<Response<U>, E> {
    result.map_err(E::from)
}

type Opening = Pin<Box<dyn Future<Output = Result<Box<dyn Messages>, Status>> + Send>>;

/// The messages of an answer to a call that is made when they are asked for.
enum WhenPolled {
    Opening(Opening),
    Open(Box<dyn Messages>),
}

impl Messages for WhenPolled {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        loop {
            match self {
                Self::Opening(call) => match ready!(call.as_mut().poll(cx)) {
                    Ok(messages) => *self = Self::Open(messages),
                    Err(status) => return Poll::Ready(Some(Err(status))),
                },
                Self::Open(messages) => return messages.poll_message(cx),
            }
        }
    }

    fn trailers(&mut self) -> Option<MetadataMap> {
        match self {
            Self::Opening(_) => None,
            Self::Open(messages) => messages.trailers(),
        }
    }
}
