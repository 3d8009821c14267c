//! The messages of a caller who sends many, and what becomes of the call when they fail.

use std::{
    any::Any,
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tonic::Status;

use crate::{
    Compression, Message, Streaming,
    call::{keep, lock},
    codec::{Writer, write_ready},
    intercept::Tap,
    status::IntoStatus,
};

/// The encoded messages of a request, as a transport asks for them.
pub(crate) struct RequestStream {
    messages: Pin<Box<dyn Encode + Send>>,
    batch: Vec<u8>,
    has_ended: bool,
    fate: Fate,
    /// Where they pass the interceptors, compressed in this way.
    tap: Option<Box<(Tap, Option<Compression>)>>,
}

impl RequestStream {
    pub(crate) fn new<Q, E>(messages: Streaming<Q, E>, writer: Writer, fate: Fate) -> Self
    where
        Q: Message,
        E: IntoStatus + 'static,
    {
        let messages = Box::pin(Encoding { messages, writer });
        Self { messages, batch: Vec::new(), has_ended: false, fate, tap: None }
    }

    /// Has them pass the interceptors.
    pub(crate) fn tap(&mut self, tap: Tap, compression: Option<Compression>) {
        self.tap = Some(Box::new((tap, compression)));
    }

    /// The next messages. An error says that the call is to be cancelled; whoever waits for it knows
    /// the reason, also while messages before it wait for their place on the wire.
    pub(crate) fn poll_batch(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Cancelled>>> {
        if self.fate.poll_cancelled(cx) {
            return Poll::Ready(Some(Err(Cancelled)));
        }
        // A stream that panicked is not polled again, so nobody sees what it left half-done.
        let poll = AssertUnwindSafe(|| {
            let polled = self.messages.as_mut().poll_encode(cx, &mut self.batch);
            match &self.tap {
                Some(tap) => match tap.0.framed(tap.1, &mut self.batch) {
                    Ok(()) => polled,
                    Err(refused) => Poll::Ready(Err(refused)),
                },
                None => polled,
            }
        });
        match catch_unwind(poll) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(Ok(()))) => self.has_ended = true,
            Ok(Poll::Ready(Err(status))) => self.fate.fail(Failure::Status(status)),
            Err(panic) => self.fate.fail(Failure::Panic(panic)),
        }
        if !self.batch.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.batch).into())));
        }
        // The sender of a caller that leaves is dropped with the rest of it: that is no end.
        if self.fate.is_cancelled() {
            return Poll::Ready(Some(Err(Cancelled)));
        }
        if self.has_ended { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Whether there are no messages after those that were given.
    #[cfg(feature = "transport")]
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended && !self.fate.is_cancelled()
    }

    /// Whether the call was given up; wakes the transport when it is.
    #[cfg(feature = "transport")]
    pub(crate) fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> bool {
        self.fate.poll_cancelled(cx)
    }
}

/// A request that was given up: what its transport is told, so that it resets the call.
#[derive(Debug)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the call was cancelled")
    }
}

impl Error for Cancelled {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // hyper looks here for the code of its RST_STREAM.
        static CANCEL: std::sync::LazyLock<h2::Error> =
            std::sync::LazyLock::new(|| h2::Reason::CANCEL.into());
        Some(&*CANCEL)
    }
}

/// A stream that encodes its own messages.
trait Encode {
    /// Adds what is ready. `Ready` at the end, and after it.
    fn poll_encode(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
    ) -> Poll<Result<(), Status>>;
}

struct Encoding<Q, E> {
    messages: Streaming<Q, E>,
    writer: Writer,
}

impl<Q: Message, E: IntoStatus> Encode for Encoding<Q, E> {
    fn poll_encode(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
    ) -> Poll<Result<(), Status>> {
        let this = self.get_mut();
        let messages: Pin<&mut Streaming<Q, E>> = Pin::new(&mut this.messages);
        write_ready(messages, cx, &this.writer, out)
    }
}

/// What the two halves of a call have in common: why the request broke off, if it did, and whether the
/// caller is still there.
#[derive(Clone)]
pub(crate) struct Fate(Option<Arc<Mutex<Shared>>>);

#[derive(Default)]
struct Shared {
    failure: Option<Failure>,
    is_cancelled: bool,
    /// The caller, which waits for the answer.
    caller: Option<Waker>,
    /// The transport, which waits for messages.
    transport: Option<Waker>,
}

/// Why a request broke off.
enum Failure {
    Status(Status),
    Panic(Box<dyn Any + Send>),
}

impl Fate {
    /// Of a request that is one message: it cannot fail, and is sent when the caller leaves.
    pub(crate) fn settled() -> Self {
        Self(None)
    }

    pub(crate) fn open() -> Self {
        Self(Some(Arc::default()))
    }

    /// Keeps the reason, and has the call cancelled.
    fn fail(&self, failure: Failure) {
        let Some(shared) = &self.0 else { return };
        let mut shared = lock(shared);
        shared.failure = Some(failure);
        shared.is_cancelled = true;
        let caller = shared.caller.take();
        drop(shared);
        if let Some(caller) = caller {
            caller.wake();
        }
    }

    /// Has the transport cancel the call, where its request has not ended.
    pub(crate) fn cancel(&self) {
        let Some(shared) = &self.0 else { return };
        let mut shared = lock(shared);
        shared.is_cancelled = true;
        let transport = shared.transport.take();
        drop(shared);
        if let Some(transport) = transport {
            transport.wake();
        }
    }

    fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| lock(shared).is_cancelled)
    }

    /// Whether the call was given up; wakes the transport when it is.
    fn poll_cancelled(&self, cx: &mut Context<'_>) -> bool {
        let Some(shared) = &self.0 else { return false };
        let mut shared = lock(shared);
        keep(&mut shared.transport, cx.waker());
        shared.is_cancelled
    }

    /// Why the request broke off; wakes the caller when it does. A panic goes on here.
    pub(crate) fn poll_failure(&self, cx: &mut Context<'_>) -> Option<Status> {
        let mut shared = lock(self.0.as_ref()?);
        keep(&mut shared.caller, cx.waker());
        let failure = shared.failure.take()?;
        drop(shared);
        match failure {
            Failure::Status(status) => Some(status),
            Failure::Panic(panic) => resume_unwind(panic),
        }
    }

    /// Cancels the call when it is dropped before there is an answer.
    pub(crate) fn unanswered(&self) -> Unanswered {
        Unanswered(Some(self.clone()))
    }
}

/// A call whose caller waits for the head of the answer. When it is dropped, the call is cancelled.
pub(crate) struct Unanswered(Option<Fate>);

impl Unanswered {
    /// The answer has come.
    pub(crate) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(fate) = &self.0 {
            fate.cancel();
        }
    }
}
