//! One connection: the calls that are handed to it, whether its server is there, and its end.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    calls::{Calls, Waiting},
    engine::{Engine, Exchange},
    keepalive::{Due, Keepalive},
    pool::Pool,
};

/// How many calls may be given up in which time before other calls go over another connection: each is a
/// reset, servers that were made safe from floods of them end the connection of a client with more than 200
/// in 30 s (Netty's limit), and those that run may follow.
const RESETS: (usize, Duration) = (100, Duration::from_secs(30));

/// Drives a connection whose server has been heard.
pub(super) struct Connection<X: Exchange> {
    engine: Box<dyn Engine<Exchange = X>>,
    calls: Arc<Calls<X>>,
    /// Calls that were taken from the queue, and are not begun.
    taken: VecDeque<Waiting<X>>,
    keepalive: Option<Keepalive>,
    pool: Weak<Pool<X>>,
    settings: usize,
    /// How many calls had been given up when that was looked at last.
    resets: (usize, Instant),
    goes_away: bool,
}

impl<X: Exchange> Connection<X> {
    pub(super) fn new(
        engine: Box<dyn Engine<Exchange = X>>,
        calls: Arc<Calls<X>>,
        keepalive: Option<Keepalive>,
        pool: Weak<Pool<X>>,
    ) -> Self {
        let settings = calls.watch.settings();
        let (taken, resets) = (VecDeque::new(), (0, Instant::now()));
        Self { engine, calls, taken, keepalive, pool, settings, resets, goes_away: false }
    }

    /// Begins the calls that there are; whether anything is to be written now.
    fn begin_calls(&mut self, cx: &mut Context<'_>) -> bool {
        let mut has_begun = false;
        let mut now = None;
        while !self.goes_away {
            if self.taken.is_empty() {
                if self.calls.poll_queue(&mut self.taken, cx).is_pending() {
                    break;
                }
                if self.taken.is_empty() {
                    self.go_away("nobody calls any more", true);
                    return true;
                }
            }
            if self.engine.poll_ready(cx).is_pending() {
                break;
            }
            if let Some(call) = self.taken.pop_front()
                && !call.is_given_up()
            {
                if call.until.is_some_and(|it| it <= *now.get_or_insert_with(Instant::now)) {
                    call.expire();
                    continue;
                }
                if !call.begin(&mut *self.engine) {
                    let server = self.calls.watch.server();
                    self.go_away(&format!("the connection to {server} takes no more calls"), false);
                }
                has_begun = true;
            }
        }
        has_begun
    }

    /// Looks at what the server has said.
    fn hear(&mut self) {
        if self.goes_away {
            return;
        }
        if self.calls.watch.goes_away() {
            self.go_away(&self.calls.watch.reason(), false);
        } else if self.resets_too_often() && self.may_be_left() {
            self.go_away("many of its calls were given up", true);
        } else if self.settings != self.calls.watch.settings() {
            self.settings = self.calls.watch.settings();
            if let Some(pool) = self.pool.upgrade() {
                pool.look_again();
            }
        }
    }

    /// Takes no more calls, and sends back those that are not begun.
    fn go_away(&mut self, reason: &str, is_good: bool) {
        self.goes_away = true;
        self.engine.go_away();
        if let Some(pool) = self.pool.upgrade() {
            pool.remove(&self.calls, reason, is_good);
        }
        self.send_back();
    }

    fn send_back(&mut self) {
        self.calls.close();
        for call in self.taken.drain(..) {
            call.give_back();
        }
    }

    /// Whether so many calls were given up that the server may take that for an attack.
    fn resets_too_often(&mut self) -> bool {
        let resets = self.calls.watch.resets();
        if resets - self.resets.0 < RESETS.0 {
            return false;
        }
        let took = self.resets.1.elapsed();
        self.resets = (resets, Instant::now());
        took < RESETS.1
    }

    /// Whether another connection may be opened while the calls of this one run.
    fn may_be_left(&self) -> bool {
        self.pool.upgrade().is_some_and(|pool| pool.may_have_another())
    }

    /// Whether the server is there. What is due may have something to be written.
    fn look_after(&mut self, cx: &mut Context<'_>) -> Due {
        let Some(keepalive) = &mut self.keepalive else { return Due::Nothing };
        let is_waited_for = || self.pool.upgrade().is_some_and(|pool| pool.is_waited_for());
        let is_busy =
            self.calls.is_busy() || (self.calls.watch.takes_no_calls() && is_waited_for());
        let due = keepalive.look(&self.calls.watch, is_busy, cx);
        if let Due::Ping = due {
            self.engine.ping();
        }
        due
    }
}

impl<X: Exchange> Future for Connection<X> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            if let Poll::Ready(result) = this.engine.poll(cx) {
                if let Err(error) = result {
                    this.calls.watch.broke_the_rules(&error);
                }
                return Poll::Ready(());
            }
            this.hear();
            let mut is_to_be_written = this.begin_calls(cx);
            match this.look_after(cx) {
                Due::Nothing => {}
                Due::Ping => is_to_be_written = true,
                Due::Gone(timeout) => {
                    let said =
                        |server: &str| format!("{server} did not answer a ping for {timeout:?}");
                    this.calls.watch.explain(said);
                    return Poll::Ready(());
                }
            }
            if !is_to_be_written {
                return Poll::Pending;
            }
        }
    }
}

/// Also where its task is dropped with the runtime.
impl<X: Exchange> Drop for Connection<X> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.remove(&self.calls, &self.calls.watch.reason(), false);
            pool.ended();
        }
        self.send_back();
    }
}
