//! Accepting, whatever happens.

use std::{future::poll_fn, io, time::Duration};

use tokio::{task::yield_now, time::Instant};

use super::{Listener, TARGET};
use crate::Peer;

/// The first pause after a failure. It doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// A listener that is asked again after it has failed.
pub(super) struct Acceptor<L> {
    listener: L,
    /// How long the next pause is, and how long this one goes on.
    pause: Duration,
    until: Option<Instant>,
}

impl<L: Listener> Acceptor<L> {
    pub(super) fn new(listener: L) -> Self {
        Self { listener, pause: SHORTEST, until: None }
    }

    /// The next connection, however often the listener fails before. Nothing is lost when it is dropped.
    pub(super) async fn accept(&mut self) -> (L::Io, Peer) {
        loop {
            if let Some(until) = self.until {
                tokio::time::sleep_until(until).await;
                self.until = None;
            }
            match poll_fn(|cx| self.listener.poll_accept(cx)).await {
                Ok(accepted) => {
                    self.pause = SHORTEST;
                    return accepted;
                }
                // That caller is out of the backlog, and the next one need not wait for it.
                Err(error) if is_of_one_connection(&error) => {
                    tracing::debug!(target: TARGET, reason = %error, "a connection was not accepted");
                    yield_now().await;
                }
                // The process has no file left, or the kernel no memory. That takes its time.
                Err(error) => {
                    tracing::warn!(
                        target: TARGET,
                        reason = %error,
                        pause = ?self.pause,
                        "cannot accept connections"
                    );
                    self.until = Some(Instant::now() + self.pause);
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
