//! What is left of a request when its call has ended before it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::{Receiving, Serving};
use crate::transport::server::engine::{Exchange, RequestRest};

/// How much of a request is read and thrown away when its call has ended before it, and how long.
///
/// A caller stops when it has seen the end, one round trip later. What it has sent until then is no
/// fault of its own: who resets the stream at once has to tell it from an attack, and h2 cannot.
const LINGER: (usize, Duration) = (1024 * 1024, Duration::from_secs(10));

/// How long at the end of the server: the round trip, and nobody waits for more.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_millis(500);

/// The rest of a request that nobody wants.
pub(super) struct Linger<R> {
    rest: R,
    left: usize,
    until: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<X: Exchange> Serving<X> {
    /// Reads what is left of the request, within bounds, so that the stream ends in peace.
    pub(super) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.request, Receiving::Nobody) {
            Receiving::Here(rest) => self.linger(rest),
            Receiving::Handler(rest) => {
                // A task that the handler has left behind may read on.
                if let Some(rest) = Arc::into_inner(rest) {
                    self.linger(rest.into_inner().unwrap_or_else(|it| it.into_inner()));
                }
            }
            other => self.request = other,
        }
        let Receiving::Linger(linger) = &mut self.request else { return Poll::Ready(()) };
        let Linger { rest, left, until } = &mut **linger;
        loop {
            match rest.poll_data(cx) {
                Poll::Ready(Some(Ok(data))) => match left.checked_sub(data.len().max(1)) {
                    Some(less) => *left = less,
                    None => return Poll::Ready(()),
                },
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if self.connection.is_cut().is_some() => return Poll::Ready(()),
                Poll::Pending => return until.as_mut().poll(cx),
            }
        }
    }

    fn linger(&mut self, rest: X::Rest) {
        if !rest.has_ended() {
            let shutdown = self.connection.info.shutdown.clone();
            let until = Box::pin(async move {
                let ending = async {
                    shutdown.begun().await;
                    sleep(LINGER_AT_SHUTDOWN).await;
                };
                let _ = timeout(LINGER.1, ending).await;
            });
            let left = LINGER.0;
            self.request = Receiving::Linger(Box::new(Linger { rest, left, until }));
        }
    }
}
