//! How a connection finds out that its server is gone.

use std::{future::Future, pin::Pin, task::Context, time::Duration};

use tokio::time::{Instant, Sleep, sleep_until};

use super::socket::Watch;

/// How often a server may be asked that sends nothing else: what other libraries take for no attack
/// (gRPC's proposal A8, "Server Enforcement").
const BETWEEN_PINGS: Duration = Duration::from_secs(5 * 60);

/// What is asked of a silent server, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// After how much silence, while calls run, the server is asked.
    pub(super) interval: Duration,
    /// How long it may take to answer.
    pub(super) timeout: Duration,
    /// Whether one that sends nothing but its answers to PING is asked as often as that.
    pub(super) insists: bool,
}

/// The clock of a connection.
pub(super) struct Keepalive {
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    is_listening: bool,
    reads: usize,
    was_busy: bool,
    /// When something was read last, or a call began after none had run.
    heard: Instant,
    /// When the server was asked, and has not been heard since.
    asked: Option<Instant>,
    /// When it was asked last, and how many frames of answers had been read then.
    last: Option<(Instant, usize)>,
}

/// What is to be done.
pub(super) enum Due {
    Nothing,
    Ping,
    /// The server is gone: it has said nothing for so long.
    Gone(Duration),
}

impl Keepalive {
    pub(super) fn new(patience: Patience) -> Self {
        let now = Instant::now();
        Self {
            patience,
            timer: Box::pin(sleep_until(now)),
            is_listening: false,
            reads: 0,
            was_busy: false,
            heard: now,
            asked: None,
            last: None,
        }
    }

    pub(super) fn look(&mut self, watch: &Watch, is_busy: bool, cx: &mut Context<'_>) -> Due {
        let reads = watch.reads();
        if reads != self.reads || (is_busy && !self.was_busy) {
            self.reads = reads;
            self.heard = Instant::now();
            self.asked = None;
        }
        self.was_busy = is_busy;
        if !is_busy && self.asked.is_none() {
            return Due::Nothing;
        }
        loop {
            let Some(due) = self.due(watch) else { return Due::Nothing };
            // A timer that is too early does no harm, and saves setting it at each read.
            if self.timer.is_elapsed() || self.timer.deadline() > due {
                self.timer.as_mut().reset(due);
                self.is_listening = false;
            }
            // A timer wakes the task that asked once, and a connection has one task.
            if self.is_listening {
                return Due::Nothing;
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                self.is_listening = true;
                return Due::Nothing;
            }
            if self.timer.deadline() < due {
                continue;
            }
            if self.asked.is_some() {
                return Due::Gone(self.patience.timeout);
            }
            let now = Instant::now();
            self.asked = Some(now);
            self.last = Some((now, watch.answers()));
            return Due::Ping;
        }
    }

    /// When the server is to be asked, or has not answered.
    fn due(&self, watch: &Watch) -> Option<Instant> {
        let Patience { interval, timeout, insists } = self.patience;
        if let Some(asked) = self.asked {
            return asked.checked_add(timeout);
        }
        let due = self.heard.checked_add(interval)?;
        Some(match self.last {
            Some((last, answers)) if !insists && answers == watch.answers() => {
                due.max(last + BETWEEN_PINGS)
            }
            _ => due,
        })
    }
}
