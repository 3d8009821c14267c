//! Accepting, whatever happens.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

use super::{Listener, TARGET};
use crate::Peer;

/// The first pause after a failure. It doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// A listener that is asked again after it has failed.
pub(super) struct Acceptor<L> {
    listener: L,
    /// How long the next pause is, and the end of this one.
    pause: Duration,
    rest: Option<Pin<Box<Sleep>>>,
}

impl<L: Listener> Acceptor<L> {
    pub(super) fn new(listener: L) -> Self {
        Self { listener, pause: SHORTEST, rest: None }
    }

    /// The next connection, however often the listener fails before.
    pub(super) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(L::Io, Peer)> {
        loop {
            if let Some(rest) = &mut self.rest {
                ready!(rest.as_mut().poll(cx));
                self.rest = None;
            }
            match ready!(self.listener.poll_accept(cx)) {
                Ok(accepted) => {
                    self.pause = SHORTEST;
                    return Poll::Ready(accepted);
                }
                // That caller is out of the backlog, and the next one need not wait for it.
                Err(error) if is_of_one_connection(&error) => {
                    tracing::debug!(target: TARGET, reason = %error, "a connection was not accepted");
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                // The process has no file left, or the kernel no memory. That takes its time.
                Err(error) => {
                    tracing::warn!(
                        target: TARGET,
                        reason = %error,
                        pause = ?self.pause,
                        "cannot accept connections"
                    );
                    self.rest = Some(Box::pin(sleep(self.pause)));
                    self.pause = LONGEST.min(self.pause * 2);
                }
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
