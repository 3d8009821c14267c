//! What the server asks of the protocol below it. [`h2`](super::h2) answers; so may another engine.
//!
//! No type of a protocol library stands in these traits, and those of `http` only where a call is to
//! pass through tower layers.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, request, response};
use tonic::{Status, metadata::MetadataMap};

use crate::{
    call::{End, Head, ResponseHead},
    codec::Held,
    server::Refusal,
};

/// One connection, with its socket.
pub(crate) trait Engine: Unpin + Send + 'static {
    type Head: Request;
    type Exchange: Exchange;

    /// Reads and writes what there is; the next call. `None` at the end of the connection.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Begun<Self>, Failure>>>;

    /// Tells the caller to begin no other call here. The connection ends after those that run.
    fn go_away(&mut self);

    /// Refuses every other call, also of a caller who has not acknowledged that it was told to go. The
    /// connection ends after those that run, or now.
    fn refuse_calls(&mut self);

    /// Ends the connection at once, with a last frame that says so.
    fn close(&mut self);

    /// Asks whether the caller is there.
    fn ping(&mut self);

    /// Whether no call is running.
    fn is_idle(&self) -> bool;
}

/// A call that a caller has begun.
pub(crate) type Begun<E> = (<E as Engine>::Head, <E as Engine>::Exchange);

/// Why a connection ended other than in peace.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// What a call begins with.
pub(crate) trait Request {
    /// `/package.Service/Method`
    fn path(&self) -> &str;

    /// The fields that the server half asks for, how many bytes all of them count for, and what is wrong
    /// with them as those of a gRPC call, if anything is.
    fn fields(&self) -> (impl Head, usize, Option<Refusal>);

    /// What a handler may ask for.
    fn into_metadata(self) -> MetadataMap;

    /// The same for tower layers.
    fn into_http(self) -> request::Parts;
}

/// The rest of a call: what the caller sends, and what is sent to it.
pub(crate) trait Exchange: Unpin + Send + 'static {
    /// The rest of the request, for a handler that reads it.
    type Rest: RequestRest;

    /// The rest of the request, once.
    fn take_rest(&mut self) -> Self::Rest;

    /// Answers with a refusal.
    fn send_refusal(&mut self, refusal: Refusal);

    /// Begins the answer.
    fn send_head(&mut self, head: ResponseHead);

    /// Begins an answer of HTTP; `ends` where it is all of it.
    fn send_http(&mut self, head: response::Parts, ends: bool);

    /// How many of `wanted` bytes the caller takes now; `None` when it is gone.
    fn poll_room(&mut self, wanted: usize, cx: &mut Context<'_>) -> Poll<Option<usize>>;

    /// Sends no more bytes than there was [room](Self::poll_room) for, for which `held` is held until the
    /// socket has taken them.
    fn send_data(&mut self, data: Bytes, held: Held);

    /// Ends the answer: all of it, where nothing was sent before.
    fn send_end(&mut self, end: End);

    /// Ends an answer of HTTP that has begun.
    fn send_http_end(&mut self, trailers: Option<HeaderMap>);

    /// Breaks the answer off.
    fn reset(&mut self);

    /// Whether the caller is gone. Wakes the task when it goes.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

/// What a caller sends after the head of its request.
pub(crate) trait RequestRest: Unpin + Send + 'static {
    /// The next bytes; `None` at the end. An error where the caller went away before it.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>>;

    /// Whether there is nothing more to come.
    fn has_ended(&self) -> bool;
}
