//! One connection: its calls, whether its caller is there, and its end.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep_until},
};

use super::{
    app::App,
    engine::{Begun, Engine},
    limits::Limits,
    serving::{ConnectionState, Serving},
    socket::Watch,
};

/// How long a connection may take to write the ends of the calls that were cut.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long a caller may begin calls after it was told to go, unless it acknowledges that sooner, as in
/// grpc-go. Then they are refused, and if there is none, the connection ends.
const GOODBYE: Duration = Duration::from_secs(5);

/// How far a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Serving,
    /// Calls that run go on; no other begins.
    Draining,
    /// Calls that run are ended.
    Ending,
}

/// A connection of a caller who has sent the preface.
pub(super) struct Connection<E> {
    engine: E,
    app: Arc<App>,
    state: Arc<ConnectionState>,
    watch: Arc<Watch>,
    phase: watch::Receiver<Phase>,
    /// What the end will have been, when it has been decided already.
    end: Option<End>,
}

/// Why a connection ended.
pub(super) enum End {
    /// The caller closed it, or everything was done.
    Peace,
    Failed(String),
    /// The caller did not answer.
    Gone,
    /// Its calls were cut.
    Cut,
}

impl<E: Engine> Connection<E> {
    pub(super) fn new(
        engine: E,
        app: Arc<App>,
        state: Arc<ConnectionState>,
        watch: Arc<Watch>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self { engine, app, state, watch, phase, end: None }
    }

    /// Serves all calls of the connection.
    pub(super) async fn run(mut self) -> End {
        let mut clock = Clock::new(&self.app.limits);
        let (mut draining, mut ending) = (self.phase.clone(), self.phase.clone());
        let mut draining = pin!(async move {
            // A server that is gone drops this future.
            let _ = draining.wait_for(|phase| *phase >= Phase::Draining).await;
        });
        let mut ending = pin!(async move {
            let _ = ending.wait_for(|phase| *phase >= Phase::Ending).await;
        });
        let (mut drains, mut ends) = (false, false);
        poll_fn(|cx| {
            if !drains && draining.as_mut().poll(cx).is_ready() {
                drains = true;
                self.go_away(&mut clock);
            }
            if !ends && ending.as_mut().poll(cx).is_ready() {
                ends = true;
                self.cut("the server is shutting down", &mut clock);
            }
            loop {
                if let Poll::Ready(end) = self.poll_calls(cx) {
                    return Poll::Ready(end);
                }
                if let Poll::Ready(end) = self.look_at(&mut clock) {
                    return Poll::Ready(end);
                }
                // What was done is to be written.
                let has_acted = std::mem::take(&mut clock.has_acted);
                if !has_acted && clock.poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Begins what calls there are.
    fn poll_calls(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            match self.engine.poll_accept(cx) {
                Poll::Ready(Some(Ok(begun))) => self.dispatch(begun, cx),
                Poll::Ready(Some(Err(failure))) => {
                    return Poll::Ready(self.end.take().unwrap_or(End::Failed(failure.0)));
                }
                Poll::Ready(None) => return Poll::Ready(self.end.take().unwrap_or(End::Peace)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Serves a call, here or in a task of its own.
    fn dispatch(&self, (head, exchange): Begun<E>, cx: &mut Context<'_>) {
        let (mut serving, route) = Serving::enter(&self.app, head, exchange, &self.state, cx);
        let is_pending = match &route {
            _ if serving.is_refused() => Pin::new(&mut serving).poll(cx).is_pending(),
            Some(route) if route.is_in_place() => {
                route.measure(|| Pin::new(&mut serving).poll(cx)).is_pending()
            }
            _ => {
                tokio::spawn(serving.in_task(route));
                return;
            }
        };
        if is_pending {
            tokio::spawn(serving.in_task(None));
        }
    }

    /// Tells the caller to begin no other call here.
    fn go_away(&mut self, clock: &mut Clock) {
        clock.has_acted = true;
        self.engine.go_away();
        clock.goodbye_until.get_or_insert_with(|| Instant::now() + GOODBYE);
    }

    /// Ends what still runs, and the connection soon after.
    fn cut(&mut self, why: &'static str, clock: &mut Clock) {
        self.go_away(clock);
        self.state.cut(why);
        clock.cut_at.get_or_insert_with(|| Instant::now() + LAST_WORDS);
    }

    /// Does what it is time for.
    fn look_at(&mut self, clock: &mut Clock) -> Poll<End> {
        let limits = &self.app.limits;
        let now = Instant::now();
        let reads = self.watch.reads();
        if reads != clock.reads {
            clock.reads = reads;
            clock.last_read = now;
            clock.answer_until = None;
            clock.has_asked = false;
        }
        if is_over(clock.cut_at, now) {
            return Poll::Ready(self.end.take().unwrap_or(End::Cut));
        }
        if is_over(clock.answer_until, now) {
            clock.answer_until = None;
            clock.cut_at = Some(now + LAST_WORDS);
            clock.has_acted = true;
            self.end = Some(End::Gone);
            self.engine.close();
        }
        let mut ping_at = clock.last_read.checked_add(limits.keepalive_interval);
        if is_over(ping_at, now) {
            if !clock.has_asked {
                self.engine.ping();
                clock.has_asked = true;
                clock.has_acted = true;
                clock.answer_until = now.checked_add(limits.keepalive_timeout);
            }
            ping_at = None;
        }
        if limits.max_connection_idle != Duration::MAX && !clock.is_leaving {
            clock.idle_until = match self.engine.is_idle() {
                true => clock.idle_until.or_else(|| now.checked_add(limits.max_connection_idle)),
                false => None,
            };
        }
        if is_over(clock.idle_until, now) {
            clock.idle_until = None;
            clock.is_leaving = true;
            self.go_away(clock);
        }
        if is_over(clock.age_until, now) {
            clock.age_until = None;
            clock.grace_until = now.checked_add(self.app.limits.max_connection_age_grace);
            self.go_away(clock);
        }
        if is_over(clock.goodbye_until, now) {
            clock.goodbye_until = None;
            clock.has_acted = true;
            self.engine.refuse_calls();
        }
        if is_over(clock.grace_until, now) {
            clock.grace_until = None;
            self.cut("the connection has reached its age", clock);
        }
        clock.wake_at(ping_at);
        Poll::Pending
    }
}

fn is_over(until: Option<Instant>, now: Instant) -> bool {
    until.is_some_and(|until| until <= now)
}

/// Every moment at which a connection has something to do.
struct Clock {
    timer: Pin<Box<Sleep>>,
    /// How often something was read, and when last.
    reads: usize,
    last_read: Instant,
    /// When a caller is gone who answers no PING.
    answer_until: Option<Instant>,
    has_asked: bool,
    /// Whether the caller was told to go because it is idle.
    is_leaving: bool,
    idle_until: Option<Instant>,
    age_until: Option<Instant>,
    grace_until: Option<Instant>,
    goodbye_until: Option<Instant>,
    cut_at: Option<Instant>,
    has_acted: bool,
    /// Whether the timer knows this task.
    is_listening: bool,
}

impl Clock {
    fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            timer: Box::pin(sleep_until(now)),
            reads: 0,
            last_read: now,
            answer_until: None,
            has_asked: false,
            is_leaving: false,
            idle_until: None,
            age_until: now.checked_add(limits.max_connection_age),
            grace_until: None,
            goodbye_until: None,
            cut_at: None,
            has_acted: false,
            is_listening: false,
        }
    }

    /// Sets the timer to the next moment. One that is too early does no harm, and saves setting it at
    /// each read.
    fn wake_at(&mut self, ping_at: Option<Instant>) {
        let moments = [
            ping_at,
            self.answer_until,
            self.idle_until,
            self.age_until,
            self.grace_until,
            self.goodbye_until,
            self.cut_at,
        ];
        let next = moments.into_iter().flatten().min();
        let next = next.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        if next < self.timer.deadline() || self.timer.deadline() <= Instant::now() {
            self.timer.as_mut().reset(next);
            self.is_listening = false;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A timer wakes the task that asked once, and a connection has one task.
        if std::mem::replace(&mut self.is_listening, true) {
            return Poll::Pending;
        }
        self.timer.as_mut().poll(cx)
    }
}
