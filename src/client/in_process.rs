//! The door to a service in the same process.

use std::{
    fmt,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tonic::{Status, metadata::MetadataMap};

use super::{
    Transport,
    request::RequestStream,
    transport::{IncomingCall, OutgoingCall, OutgoingHead, OutgoingMessages, Rest},
};
use crate::{
    call::{End, Parts, ResponseHead, Source, Trailers},
    deadline::{self, Deadline},
    server::{
        Admitted, Body, Call, Dispatch, Input, One, OneMessage, Request, RequestHead,
        RequestMessages, Served, admit, unimplemented,
    },
    status::without_source,
};

/// Calls a service in this process: its messages are encoded and decoded, and that is all that is left
/// of a network.
///
/// The caller polls the handler, so both run in one task.
#[derive(Clone)]
pub struct InProcess<D>(D);

impl<C: Dispatch<S>, S: Send + Sync + 'static> InProcess<Served<C, S>> {
    /// Calls `server`, an `XServer`.
    #[must_use]
    pub fn new(server: Served<C, S>) -> Self {
        Self(server)
    }

    /// Calls the method.
    fn start(&self, call: OutgoingCall) -> Result<Call, Status> {
        let OutgoingCall { head, messages } = call;
        let unknown = || unimplemented(&head.path, [C::DESCRIPTOR]);
        let method = C::method(&head.path).ok_or_else(unknown)?;
        let Admitted { timeout, reader, writer } = admit(&head, &self.0.options)?;
        let service = Arc::clone(&self.0.service);
        let OutgoingHead { path, metadata, extensions, .. } = head;
        let head = RequestHead { metadata, extensions, connection: None };
        let deadline = Deadline::at(timeout.and_then(deadline::after));
        let handler = match (method.input(), messages) {
            (Input::One(start), OutgoingMessages::One(message)) => {
                let mut one = OneMessage::new(reader);
                one.push(message)?;
                let message = one.end()?.0;
                if let Some(it) = &self.0.interception {
                    return Ok(it.call(path, head, Body::One(message), writer, deadline));
                }
                start.call(service, Request::new(head, One(message)), writer)
            }
            (Input::Many(start), OutgoingMessages::Many(stream)) => {
                let messages = RequestMessages::new(reader, Box::new(stream));
                if let Some(it) = &self.0.interception {
                    return Ok(it.call(path, head, Body::many(messages), writer, deadline));
                }
                start.call(service, Request::new(head, messages), writer)
            }
            // The server and the client are made of one trait.
            _ => return Err(Status::internal("the caller has another shape of this method")),
        };
        Ok(Call::new(handler, deadline, &writer))
    }
}

impl<C: Dispatch<S>, S: Send + Sync + 'static> Transport for InProcess<Served<C, S>> {
    async fn carry(&self, call: OutgoingCall) -> Result<IncomingCall, Status> {
        let mut running = match self.start(call) {
            Ok(call) => Running { call: Some(call), ready: Parts::default() },
            Err(status) => {
                let ready = Parts { end: Some(End::error(status)), ..Parts::default() };
                Running { call: None, ready }
            }
        };
        poll_fn(|cx| running.poll_head(cx)).await;
        Ok(match running.ready.head.take() {
            Some(ResponseHead { metadata, extensions, encoding }) => IncomingCall {
                metadata,
                extensions,
                encoding: encoding.map(Into::into),
                rest: Rest::Messages(Box::new(running)),
            },
            None => IncomingCall {
                metadata: MetadataMap::new(),
                extensions: tonic::Extensions::new(),
                encoding: None,
                rest: Rest::End(running.end()),
            },
        })
    }
}

impl<D> fmt::Debug for InProcess<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

/// A call in this process, and what it has ready for its caller.
struct Running {
    /// `None` when it has ended.
    call: Option<Call>,
    ready: Parts,
}

impl Running {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(call) = &mut self.call else { return Poll::Ready(()) };
        ready!(call.poll(cx, &mut self.ready));
        self.call = None;
        Poll::Ready(())
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll(cx) {
            Poll::Pending if self.ready.head.is_some() => Poll::Ready(()),
            polled => polled,
        }
    }
}

impl Source for Running {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let polled = if self.ready.messages.is_none() { self.poll(cx) } else { Poll::Ready(()) };
        match self.ready.messages.take() {
            Some(messages) => Poll::Ready(Some(Ok(messages))),
            None => polled.map(|()| None),
        }
    }

    fn end(&mut self) -> End {
        let mut end = self.ready.end.take().unwrap_or_else(|| {
            End::error(Status::internal("the answer was asked for its end twice"))
        });
        // The handler may hold on to what it has sent.
        end.trailers = end.trailers.and_then(|it| Trailers::of(it.take()));
        // What is read off a wire has no source.
        end.status = end.status.map_err(|it| without_source(&it));
        end
    }
}

impl Source for RequestStream {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        self.poll_batch(cx).map(|batch| {
            batch.map(|it| {
                let left = "the caller went away before its messages ended";
                it.map_err(|_| Status::cancelled(left))
            })
        })
    }
}
