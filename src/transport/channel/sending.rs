//! The messages of a caller who sends many, on their way into a connection.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;

use super::engine::Sending;
use crate::{call::lock, client::Cancelled};

/// Where messages come from.
pub(super) trait Batches: Unpin + Send + 'static {
    /// The next ones; an error where the call is to be cancelled.
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cancelled>>>;

    /// Whether there are none after those that were given.
    fn has_ended(&self) -> bool;

    /// Whether the call was given up; wakes the task when it is.
    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> bool;
}

/// How much of a request is kept until its answer begins, so that all of it can be sent again to a server
/// that did not look at it. What its head is sent with is kept in any case, as a single message is.
const KEPT: usize = 64 * 1024;

/// The messages of a call.
pub(super) struct Outgoing<B>(Arc<Mutex<State<B>>>);

struct State<B> {
    batches: B,
    has_ended: bool,
    /// All that was taken so far, unless that was too much.
    kept: Vec<Bytes>,
    kept_bytes: usize,
    /// Whether that is so, and the answer has not begun.
    can_be_resent: bool,
    /// How often the request was begun. Only the last time counts.
    attempt: usize,
    /// How many of those that are kept it was given.
    sent: usize,
}

enum Next {
    Batch(Bytes),
    End,
    Cancelled,
    /// The call is over, or was begun again.
    Over,
}

impl<B: Batches> Outgoing<B> {
    pub(super) fn new(batches: B) -> Self {
        let (kept, kept_bytes) = (Vec::new(), 0);
        let (has_ended, can_be_resent, attempt, sent) = (false, true, 0, 0);
        let state = State { batches, has_ended, kept, kept_bytes, can_be_resent, attempt, sent };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Has the request sent from its beginning, unless some of it is gone.
    pub(super) fn attempt(&self) -> Option<Attempt<B>> {
        let mut state = lock(&self.0);
        if !state.can_be_resent {
            return None;
        }
        state.attempt += 1;
        state.sent = 0;
        Some(Attempt { outgoing: Arc::clone(&self.0), number: state.attempt })
    }

    pub(super) fn can_be_resent(&self) -> bool {
        lock(&self.0).can_be_resent
    }

    /// The answer has begun, so that nothing more need be kept.
    pub(super) fn forget(&self) {
        let mut state = lock(&self.0);
        state.can_be_resent = false;
        state.tidy();
    }
}

/// One time that a request is sent.
pub(super) struct Attempt<B> {
    outgoing: Arc<Mutex<State<B>>>,
    number: usize,
}

/// How a request begins.
pub(super) struct First {
    /// The messages that are there already.
    pub(super) messages: Bytes,
    /// Whether those are all.
    pub(super) is_whole: bool,
}

impl<B: Batches> Attempt<B> {
    /// What goes with the head of the request, without waiting for it.
    pub(super) fn poll_first(&mut self, cx: &mut Context<'_>) -> Result<First, Cancelled> {
        let messages = match self.poll_next(cx) {
            Poll::Ready(Next::Batch(batch)) => batch,
            Poll::Ready(Next::Cancelled | Next::Over) => return Err(Cancelled),
            Poll::Ready(Next::End) | Poll::Pending => Bytes::new(),
        };
        let state = lock(&self.outgoing);
        let is_whole =
            state.sent == state.kept.len() && (state.has_ended || state.batches.has_ended());
        Ok(First { messages, is_whole })
    }

    /// Sends the request.
    pub(super) async fn send(mut self, mut sending: impl Sending) {
        loop {
            let next = poll_fn(|cx| match self.poll_next(cx) {
                Poll::Pending => sending.poll_over(cx).map(|()| Next::Over),
                next => next,
            });
            let batch = match next.await {
                Next::Batch(batch) => batch,
                Next::End => return sending.end(),
                Next::Cancelled => return sending.cancel(),
                Next::Over => return,
            };
            let room = poll_fn(|cx| {
                let mut state = lock(&self.outgoing);
                // Only one task is woken when the call is given up: that of the last attempt.
                if state.attempt == self.number && state.batches.poll_cancelled(cx) {
                    return Poll::Ready(Err(Cancelled));
                }
                drop(state);
                sending.poll_room(cx).map(Ok)
            });
            match room.await {
                Ok(true) => sending.send_data(batch),
                Ok(false) => return,
                Err(Cancelled) => return sending.cancel(),
            }
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let mut state = lock(&self.outgoing);
        let state = &mut *state;
        if state.attempt != self.number {
            return Poll::Ready(Next::Over);
        }
        if let Some(batch) = state.kept.get(state.sent).cloned() {
            state.sent += 1;
            state.tidy();
            return Poll::Ready(Next::Batch(batch));
        }
        if state.has_ended {
            return Poll::Ready(Next::End);
        }
        Poll::Ready(match std::task::ready!(state.batches.poll_batch(cx)) {
            Some(Ok(batch)) => {
                state.keep(&batch);
                Next::Batch(batch)
            }
            Some(Err(Cancelled)) => Next::Cancelled,
            None => {
                state.has_ended = true;
                Next::End
            }
        })
    }
}

impl<B> State<B> {
    /// Keeps what was taken, and is sent now.
    fn keep(&mut self, batch: &Bytes) {
        self.kept_bytes = self.kept_bytes.saturating_add(batch.len());
        self.can_be_resent &= self.kept.is_empty() || self.kept_bytes <= KEPT;
        if self.can_be_resent {
            self.kept.push(batch.clone());
            self.sent += 1;
        }
        self.tidy();
    }

    /// Drops what is of no more use.
    fn tidy(&mut self) {
        if !self.can_be_resent && self.sent == self.kept.len() {
            (self.kept, self.sent) = (Vec::new(), 0);
        }
    }
}
