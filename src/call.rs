//! What every call is made of, whatever carries it: a head to look things up in, messages as bytes,
//! and an end.
//!
//! The two halves know nothing else of a transport. A tower service, a server in the same process
//! and the transports of this library are doors to them.

pub(crate) mod headers;
mod trailers;

use std::{
    borrow::Cow,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tonic::{Extensions, Status, metadata::MetadataMap};

pub use self::trailers::Trailers;

/// The header fields that a call begins with, as the transport has them.
pub(crate) trait Head {
    /// The value of a field; the first, if there are more.
    fn get(&self, field: Field) -> Option<Cow<'_, [u8]>>;
}

/// What the server half asks of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// `grpc-timeout`
    Timeout,
    /// `grpc-encoding`
    Encoding,
    /// `grpc-accept-encoding`
    AcceptEncoding,
}

/// The rest of one side: bytes, and how they end.
pub(crate) trait Source: Send {
    /// The next bytes; `None` at the end. An error is what the transport failed with.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>>;

    /// How the call ended, asked once and after the last bytes. A caller says nothing at its end.
    fn end(&mut self) -> End {
        End::ok(None)
    }
}

/// Where the transport takes an answer: in this order, an answer without a head being an end alone.
pub(crate) trait Sink {
    /// The beginning of an answer.
    fn head(&mut self, head: ResponseHead);
    /// Some of its messages, with their prefixes.
    fn messages(&mut self, messages: Bytes);
    /// Its end.
    fn end(&mut self, end: End);
}

/// What an answer begins with.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    /// The value of `grpc-encoding`, if there is one.
    pub(crate) encoding: Option<&'static str>,
}

/// A sink for a transport that takes one part after the other.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) head: Option<ResponseHead>,
    pub(crate) messages: Option<Bytes>,
    pub(crate) end: Option<End>,
}

impl Sink for Parts {
    fn head(&mut self, head: ResponseHead) {
        self.head = Some(head);
    }

    fn messages(&mut self, messages: Bytes) {
        self.messages = Some(messages);
    }

    fn end(&mut self, end: End) {
        self.end = Some(end);
    }
}

/// An answer that is one message: framed in the server, and alone in the client.
pub struct Reply {
    pub(crate) metadata: MetadataMap,
    pub(crate) extensions: Extensions,
    pub(crate) message: Bytes,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct End {
    /// OK, or the error, with its metadata.
    pub(crate) status: Result<(), Status>,
    /// What is sent beside an OK.
    pub(crate) trailers: Option<Trailers>,
}

impl End {
    pub(crate) fn ok(trailers: Option<Trailers>) -> Self {
        Self { status: Ok(()), trailers }
    }

    pub(crate) fn error(status: Status) -> Self {
        Self { status: Err(status), trailers: None }
    }
}

/// Locks what no code of the user can leave half-changed, so that a poisoned lock guards sound data.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps `waker` to be woken.
pub(crate) fn keep(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(kept) => kept.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}

/// Wakes who is kept, unless it is the task that is polled.
pub(crate) fn wake_other(place: &mut Option<Waker>, cx: &Context<'_>) {
    if let Some(waker) = place.take().filter(|it| !it.will_wake(cx.waker())) {
        waker.wake();
    }
}
