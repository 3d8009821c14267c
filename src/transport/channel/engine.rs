//! What the channel asks of the protocol below it. [`h2`](super::h2) answers; so may another engine.
//!
//! No type of a protocol library stands in these traits, only the words of `http`.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tonic::Status;

/// One connection, with its socket.
pub(crate) trait Engine: Unpin + Send + 'static {
    type Exchange: Exchange;

    /// Reads and writes what there is. `Ready` at the end of the connection, with what went wrong, if
    /// anything did.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>>;

    /// Whether a call can be begun now; wakes the task when one can.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Begins a call.
    ///
    /// # Errors
    ///
    /// When the connection takes no calls any more, so that this one was not sent.
    fn begin(&mut self, request: Request) -> Result<Self::Exchange, Unsent>;

    /// Asks whether the server is there.
    fn ping(&mut self);

    /// Begins no other call here. The connection ends after those that run.
    fn go_away(&mut self);
}

/// What a call begins with.
pub(crate) struct Request {
    pub(crate) head: http::Request<()>,
    /// The messages that are there already.
    pub(crate) messages: Bytes,
    /// Whether those are all.
    pub(crate) is_whole: bool,
}

/// A call that was not sent.
#[derive(Debug)]
pub(crate) struct Unsent;

/// A call that has begun. It is cancelled when it is dropped before its end.
pub(crate) trait Exchange: Unpin + Send + 'static {
    /// Where the messages go that were not there at the beginning.
    type Sending: Sending;

    /// That, once, unless the request was whole.
    fn take_sending(&mut self) -> Option<Self::Sending>;

    /// The head of the answer, once.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<AnswerHead, Failure>>;

    /// The next bytes; `None` at their end.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>>;

    /// The trailers, after the last bytes; `None` where there are none.
    fn poll_trailers(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<HeaderMap>, Status>>;
}

/// What an answer begins with.
#[derive(Debug)]
pub(crate) struct AnswerHead {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    /// Whether it is all of the answer.
    pub(crate) is_end: bool,
}

/// Why a call failed before its answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server says that it has not looked at the call, so it may be tried again.
    Unprocessed(Status),
    Failed(Status),
}

impl Failure {
    pub(crate) fn into_status(self) -> Status {
        let (Self::Unprocessed(status) | Self::Failed(status)) = self;
        status
    }
}

/// Where the messages of a call go.
pub(crate) trait Sending: Unpin + Send + 'static {
    /// Waits until the server takes more of this call; `false` when it never will.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<bool>;

    /// Whether the call is over while nothing is to be sent; wakes the task when it is.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Sends bytes after there was [room](Self::poll_room) for some of them.
    fn send_data(&mut self, data: Bytes);

    /// Says that there are no more.
    fn end(&mut self);

    /// Cancels the call.
    fn cancel(&mut self);
}
