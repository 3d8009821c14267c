//! A call while its handler runs.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use tonic::{Extensions, Response, Status, metadata::MetadataMap};

use super::method::BoxFuture;
use crate::{
    call::{End, ResponseHead, Sink, Trailers, lock},
    codec::{Held, Writer},
    deadline::{self, Deadline},
    status::outgoing,
};

/// What is the user's own. A panic in its `drop` is no affair of its connection.
pub(crate) struct Foreign<T>(Option<T>);

impl<T> Foreign<T> {
    pub(crate) fn new(it: T) -> Self {
        Self(Some(it))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Foreign<T> {
    fn drop(&mut self) {
        let it = self.0.take();
        // What it says is said already.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(it)));
    }
}

/// A handler that was called.
pub(crate) enum Handler {
    One(BoxFuture<Reply>),
    Many(BoxFuture<()>, Arc<Mutex<Ready>>),
    /// Its time was up before it began.
    Late,
}

/// The answer of a handler that answers with one message.
pub struct Reply {
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    pub(crate) message: Bytes,
}

/// What a handler that answers with a stream has ready.
#[derive(Default)]
pub(crate) struct Ready {
    pub(crate) head: Option<Response<()>>,
    pub(crate) has_begun: bool,
    pub(crate) messages: Vec<u8>,
}

/// A call on the server's side. The transport polls it when it has room for its answer, and drops it
/// when the caller goes away; the handler is then dropped where it stands.
///
/// | the handler | the caller gets |
/// |---|---|
/// | returns an error | that status, without what another server put into it |
/// | takes too long, or would begin too late | DEADLINE_EXCEEDED |
/// | panics | INTERNAL; the connection and the server live on |
///
/// Messages that were ready before go first.
pub(crate) struct Call {
    /// `None` when it has ended.
    handler: Option<Foreign<Handler>>,
    deadline: Deadline,
    encoding: Option<&'static str>,
    trailers: Option<Trailers>,
    /// For the message that the handler has.
    held: Held,
}

impl Call {
    pub(crate) fn new(handler: Handler, deadline: Deadline, writer: &Writer) -> Self {
        let encoding = writer.compression.map(crate::Compression::name);
        let handler = if deadline.has_passed() { Handler::Late } else { handler };
        let handler = Some(Foreign::new(handler));
        Self { handler, deadline, encoding, trailers: None, held: Held::default() }
    }

    /// The same, whose handler has a message for which this is held until it ends.
    pub(crate) fn holding(self, held: Held) -> Self {
        Self { held, ..self }
    }

    /// Whether the time of a call that is not polled, because its caller does not read, is up.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> bool {
        self.deadline.poll_expired(cx)
    }

    /// Lets the handler go on, and puts into `sink` what it has ready. `Ready` at the end.
    ///
    /// While there was something for the sink, the call is polled again when that is passed on, and
    /// not sooner; otherwise the handler wakes the task.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<()> {
        let Self { deadline, encoding, trailers, .. } = self;
        let result = match self.handler.as_mut().map(Foreign::get_mut) {
            None => return Poll::Ready(()),
            Some(Handler::Late) => Poll::Ready(Err(deadline::exceeded())),
            Some(Handler::One(handler)) => run(handler, deadline, cx).map_ok(|reply| {
                let Reply { metadata, mut extensions, message } = reply;
                *trailers = extensions.remove();
                sink.head(ResponseHead { metadata, extensions, encoding: *encoding });
                sink.messages(message);
            }),
            Some(Handler::Many(handler, ready)) => {
                let result = run(handler, deadline, cx);
                let mut ready = lock(ready);
                if let Some(head) = ready.head.take() {
                    let (metadata, (), mut extensions) = head.into_parts();
                    *trailers = extensions.remove();
                    sink.head(ResponseHead { metadata, extensions, encoding: *encoding });
                }
                if !ready.messages.is_empty() {
                    sink.messages(std::mem::take(&mut ready.messages).into());
                }
                result
            }
        };
        let Poll::Ready(result) = result else { return Poll::Pending };
        self.handler = None;
        self.held = Held::default();
        sink.end(match result {
            Ok(()) => End::ok(self.trailers.take()),
            Err(status) => End::error(status),
        });
        Poll::Ready(())
    }
}

/// The source of the status of a handler that has panicked, by which a transport knows it.
#[derive(Debug)]
pub(crate) struct Panicked;

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handler panicked")
    }
}

impl Error for Panicked {}

/// Polls a handler within its deadline.
fn run<T>(
    handler: &mut BoxFuture<T>,
    deadline: &mut Deadline,
    cx: &mut Context<'_>,
) -> Poll<Result<T, Status>> {
    // The state that a panic may have left half-changed belongs to the handler, which is not polled
    // again, and to the service, which is told so by its own poisoned locks.
    let poll = AssertUnwindSafe(|| handler.as_mut().poll(cx));
    let polled = catch_unwind(AssertUnwindSafe(|| deadline.enter(poll)));
    match polled {
        Err(_) => {
            let mut status = Status::internal("the handler panicked");
            status.set_source(Arc::new(Panicked));
            Poll::Ready(Err(status))
        }
        Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(outgoing)),
        Ok(Poll::Pending) if deadline.poll_expired(cx) => Poll::Ready(Err(deadline::exceeded())),
        Ok(Poll::Pending) => Poll::Pending,
    }
}
