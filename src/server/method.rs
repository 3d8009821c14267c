//! The methods of a service, as the transport calls them.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tonic::{Extensions, Response, Status, metadata::MetadataMap};

use super::{
    call::{Handler, Ready},
    peer::ConnectionInfo,
    response_stream::ResponseStream,
};
use crate::{
    Message, Streaming,
    call::{Reply, Source, headers},
    codec::{Reader, Writer},
    intercept::Tap,
    status::{FromStatus, IntoStatus},
    stream::{Messages, decode},
};

/// What came before the messages of a request.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    /// Told to a handler that asks for more than the message.
    pub(crate) connection: Option<Arc<ConnectionInfo>>,
}

impl RequestHead {
    fn envelope<T>(mut self, message: T) -> tonic::Request<T> {
        let metadata = headers::received(self.metadata.into_headers());
        if let Some(connection) = self.connection {
            connection.add_to(&mut self.extensions);
        }
        tonic::Request::from_parts(metadata, self.extensions, message)
    }
}

/// A request for a handler, which decodes it.
pub struct Request<M> {
    head: RequestHead,
    messages: M,
}

impl<M> Request<M> {
    pub(crate) fn new(head: RequestHead, messages: M) -> Self {
        Self { head, messages }
    }
}

/// The one message of a request, as bytes.
pub struct One(pub(crate) Bytes);

impl Request<One> {
    /// The message.
    ///
    /// # Errors
    ///
    /// INTERNAL, when the bytes are no such message.
    pub fn message<Q: Message>(self) -> Result<Q, Status> {
        decode(self.messages.0)
    }

    /// The bytes of the message, for a handler that gets a view of them.
    pub fn into_bytes(self) -> Bytes {
        self.messages.0
    }

    /// The message and its metadata.
    ///
    /// # Errors
    ///
    /// As [`message`](Self::message).
    pub fn envelope<Q: Message>(self) -> Result<tonic::Request<Q>, Status> {
        Ok(self.head.envelope(decode(self.messages.0)?))
    }
}

impl Request<RequestMessages> {
    /// The messages.
    pub fn messages<Q: Message, E: FromStatus>(self) -> Streaming<Q, E> {
        Streaming::of_call(Box::new(self.messages))
    }

    /// The messages and their metadata.
    pub fn envelope<Q: Message, E: FromStatus>(self) -> tonic::Request<Streaming<Q, E>> {
        self.head.envelope(Streaming::of_call(Box::new(self.messages)))
    }
}

/// The messages of a caller who sends many.
pub struct RequestMessages {
    reader: Reader,
    source: Box<dyn Source>,
    /// Where they pass the interceptors.
    tap: Option<Box<Tap>>,
}

impl RequestMessages {
    pub(crate) fn new(reader: Reader, source: Box<dyn Source>) -> Self {
        Self { reader, source, tap: None }
    }

    /// Has them pass the interceptors.
    pub(crate) fn tap(&mut self, tap: Tap) {
        self.tap = Some(Box::new(tap));
    }
}

impl Messages for RequestMessages {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        loop {
            if let Some(next) = self.reader.next().transpose() {
                return Poll::Ready(Some(match &self.tap {
                    None => next,
                    Some(tap) => next.and_then(|it| tap.message(&it).map(|()| it)),
                }));
            }
            match ready!(self.source.poll_data(cx)) {
                Some(Ok(data)) => self.reader.push(data),
                Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                None if self.reader.is_within_a_message() => {
                    let why = "the request ended within a message";
                    return Poll::Ready(Some(Err(Status::internal(why))));
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

/// A handler that was called.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, Status>> + Send>>;

/// A method: what calls its handler.
pub enum Method<S> {
    /// One message in, one out.
    Unary(fn(Arc<S>, Request<One>, Writer) -> BoxFuture<Reply>),
    /// One message in, a stream out.
    ServerStreaming(fn(Arc<S>, Request<One>, ResponseStream) -> BoxFuture<()>),
    /// A stream in, one message out.
    ClientStreaming(fn(Arc<S>, Request<RequestMessages>, Writer) -> BoxFuture<Reply>),
    /// A stream in, a stream out.
    Bidirectional(fn(Arc<S>, Request<RequestMessages>, ResponseStream) -> BoxFuture<()>),
}

impl<S> Clone for Method<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Method<S> {}

/// A method, by what its caller sends.
pub(crate) enum Input<S> {
    One(Start<S, One>),
    Many(Start<S, RequestMessages>),
}

/// What calls a handler with messages of `M`.
pub(crate) enum Start<S, M> {
    Reply(fn(Arc<S>, Request<M>, Writer) -> BoxFuture<Reply>),
    Stream(fn(Arc<S>, Request<M>, ResponseStream) -> BoxFuture<()>),
}

impl<S> Method<S> {
    pub(crate) fn input(self) -> Input<S> {
        match self {
            Self::Unary(call) => Input::One(Start::Reply(call)),
            Self::ServerStreaming(call) => Input::One(Start::Stream(call)),
            Self::ClientStreaming(call) => Input::Many(Start::Reply(call)),
            Self::Bidirectional(call) => Input::Many(Start::Stream(call)),
        }
    }
}

impl<S, M> Start<S, M> {
    pub(crate) fn call(self, service: Arc<S>, request: Request<M>, writer: Writer) -> Handler {
        self.call_into(service, request, writer, None)
    }

    /// The same, with a place for an answer of many messages.
    pub(crate) fn call_into(
        self,
        service: Arc<S>,
        request: Request<M>,
        writer: Writer,
        ready: Option<Arc<Mutex<Ready>>>,
    ) -> Handler {
        match self {
            Self::Reply(call) => Handler::One(call(service, request, writer)),
            Self::Stream(call) => {
                let (out, ready) = ResponseStream::open(writer, ready.unwrap_or_default());
                Handler::Many(call(service, request, out), ready)
            }
        }
    }
}

/// The answer of a method in the plain form.
///
/// # Errors
///
/// The method's own, or that of a message that cannot be sent.
pub fn reply<U: Message, E: IntoStatus>(
    writer: Writer,
    result: Result<U, E>,
) -> Result<Reply, Status> {
    reply_with(writer, result.map(Response::new))
}

/// The answer of a method in the envelope form.
///
/// # Errors
///
/// As [`reply`].
pub fn reply_with<U: Message, E: IntoStatus>(
    writer: Writer,
    result: Result<Response<U>, E>,
) -> Result<Reply, Status> {
    let (metadata, message, extensions) = result.map_err(Into::into)?.into_parts();
    let mut encoded = Vec::new();
    writer.write(&message, &mut encoded)?;
    Ok(Reply { metadata, extensions, message: encoded.into() })
}

/// What a method gives, or its error as a status.
///
/// # Errors
///
/// The method's own.
pub fn or_status<U, E: IntoStatus>(result: Result<U, E>) -> Result<U, Status> {
    result.map_err(Into::into)
}
