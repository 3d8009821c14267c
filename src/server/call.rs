//! A call while its handler runs.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use tonic::{Response, Status};

use super::method::BoxFuture;
use crate::{
    call::{End, Reply, ResponseHead, Sink, Trailers, keep, lock, wake_other},
    codec::{Held, Writer},
    deadline::{self, Deadline},
    intercept::{self, Level, count},
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
    /// One with interceptors around it.
    Around(BoxFuture<intercept::End>, Option<Taker>),
    /// It ended before it began: its time was up, or an interceptor has refused the call.
    Ended(Status),
}

/// What a handler that answers with a stream has ready.
#[derive(Default)]
pub(crate) struct Ready {
    pub(crate) head: Option<Response<()>>,
    pub(crate) has_begun: bool,
    pub(crate) messages: Vec<u8>,
    /// The interceptor that polls the handler, where it waits until this is taken.
    pub(crate) giver: Option<Waker>,
    /// The call, which waits for the interceptor.
    pub(crate) taker: Option<Waker>,
    pub(crate) is_gone: bool,
}

/// Whoever takes what is ready from behind interceptors, which hear it when it is dropped.
pub(crate) struct Taker(pub(crate) Arc<Mutex<Ready>>);

impl Drop for Taker {
    fn drop(&mut self) {
        let mut ready = lock(&self.0);
        ready.is_gone = true;
        if let Some(giver) = ready.giver.take() {
            giver.wake();
        }
    }
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
    /// The interceptors that are no functions.
    level: Option<Level>,
}

impl Call {
    pub(crate) fn new(handler: Handler, deadline: Deadline, writer: &Writer) -> Self {
        let encoding = writer.compression.map(crate::Compression::name);
        let is_late = deadline.has_passed();
        let handler = if is_late { Handler::Ended(deadline::exceeded()) } else { handler };
        let handler = Some(Foreign::new(handler));
        let (trailers, held, level) = Default::default();
        Self { handler, deadline, encoding, trailers, held, level }
    }

    /// The same, whose handler has a message for which this is held until it ends.
    pub(crate) fn holding(self, held: Held) -> Self {
        Self { held, ..self }
    }

    /// The same within interceptors.
    pub(crate) fn within(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
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
        let Self { deadline, level, .. } = self;
        let result = match self.handler.as_mut().map(Foreign::get_mut) {
            None => return Poll::Ready(()),
            Some(Handler::Ended(status)) => Poll::Ready(Err(status.clone())),
            Some(Handler::One(handler)) => run(handler, deadline, cx).map_ok(intercept::End::of),
            Some(Handler::Many(handler, ready)) => {
                let result = run(handler, deadline, cx);
                let mut ready = lock(ready);
                if let Some(flow) = level.as_ref().and_then(Level::flow) {
                    flow.responses.add(count(&ready.messages));
                }
                pass(&mut ready, &mut self.trailers, self.encoding, sink);
                result.map_ok(|()| intercept::End { trailers: self.trailers.clone(), reply: None })
            }
            Some(Handler::Around(handler, ready)) => {
                if let Some(Taker(ready)) = ready {
                    keep(&mut lock(ready).taker, cx.waker());
                }
                let result = run(handler, deadline, cx);
                if let Some(Taker(ready)) = ready {
                    let mut ready = lock(ready);
                    wake_other(&mut ready.giver, cx);
                    pass(&mut ready, &mut self.trailers, self.encoding, sink);
                }
                result
            }
        };
        let Poll::Ready(result) = result else { return Poll::Pending };
        self.handler = None;
        self.held = Held::default();
        let result = self.tell(result);
        let end = match result {
            Ok(intercept::End { trailers, reply }) => {
                if let Some(Reply { metadata, mut extensions, message }) = reply {
                    extensions.remove::<Trailers>();
                    sink.head(ResponseHead { metadata, extensions, encoding: self.encoding });
                    sink.messages(message);
                }
                End::ok(trailers)
            }
            Err(status) => End::error(status),
        };
        sink.end(end);
        Poll::Ready(())
    }

    /// Tells the interceptors how the call ended.
    fn tell(&mut self, result: Result<intercept::End, Status>) -> Result<intercept::End, Status> {
        let Some(level) = &mut self.level else { return result };
        match catch_unwind(AssertUnwindSafe(|| level.end(result.as_ref()))) {
            Ok(()) => result,
            Err(_) => Err(panicked()),
        }
    }
}

/// Puts into `sink` what is ready of an answer of many messages.
fn pass(
    ready: &mut Ready,
    trailers: &mut Option<Trailers>,
    encoding: Option<&'static str>,
    sink: &mut dyn Sink,
) {
    if let Some(head) = ready.head.take() {
        let (metadata, (), mut extensions) = head.into_parts();
        *trailers = extensions.remove();
        sink.head(ResponseHead { metadata, extensions, encoding });
    }
    if !ready.messages.is_empty() {
        sink.messages(std::mem::take(&mut ready.messages).into());
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

/// The status of a call whose handler has panicked, or one of its interceptors.
pub(crate) fn panicked() -> Status {
    let mut status = Status::internal("the handler panicked");
    status.set_source(Arc::new(Panicked));
    status
}

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
        Err(_) => Poll::Ready(Err(panicked())),
        Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(outgoing)),
        Ok(Poll::Pending) if deadline.poll_expired(cx) => Poll::Ready(Err(deadline::exceeded())),
        Ok(Poll::Pending) => Poll::Pending,
    }
}
