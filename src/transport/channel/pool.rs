//! The connections of a channel: which one takes a call, when another is opened, and what is said when
//! none can be.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, Weak, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::Instant,
};

use super::{
    ConnectError, TARGET,
    backoff::Backoff,
    calls::{Calls, Line},
    connection::Connection,
    endpoint::Picked,
    engine::{Engine, Exchange},
    keepalive::{Keepalive, Patience},
    socket::Watch,
    state::{ConnectivityState, ConnectivityStates},
    target::Target,
};
use crate::call::lock;

/// A connection whose server has been heard.
pub(super) struct Dialled<X> {
    pub(super) engine: Box<dyn Engine<Exchange = X>>,
    pub(super) watch: Arc<Watch>,
    pub(super) target: Arc<Target>,
}

/// Opens a connection.
pub(super) type Dial<X> = Box<
    dyn Fn() -> Pin<Box<dyn Future<Output = Result<Dialled<X>, ConnectError>> + Send>>
        + Send
        + Sync,
>;

/// How many connections there are, and how they are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) min_connections: usize,
    pub(super) max_connections: usize,
    pub(super) keepalive: Option<Patience>,
    pub(super) backoff: Backoff,
}

/// A connection that lived for so long was a good one: when it is lost, the server is dialled at once.
const GOOD: Duration = Duration::from_secs(1);

/// A wait that is as good as for ever, and that clocks can count.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

pub(super) struct Pool<X: Exchange> {
    dial: Dial<X>,
    limits: Limits,
    runtime: Handle,
    state: Mutex<State<X>>,
    connectivity: watch::Sender<ConnectivityState>,
    /// Who keeps this server connected, and hears of each change.
    keeper: Option<Keeper>,
}

/// Hears of each change of the state of a server, and of each attempt that fails. It is called under the lock of its pool.
pub(super) type Keeper = Box<dyn Fn() + Send + Sync>;

struct State<X: Exchange> {
    open: Vec<(Arc<Calls<X>>, Instant)>,
    /// How many connections there are, with those that take no more calls and finish those that they have.
    connections: usize,
    waiting: Line<Waiting<X>>,
    is_dialling: bool,
    /// How many attempts in a row have failed, and the last one.
    failures: u32,
    failure: Option<Failure>,
    /// How many times as long the silence is after which the server is asked whether it is there: twice as
    /// many each time that it was asked too often (gRPC's proposal A8).
    patience: u32,
}

/// An attempt to connect that failed.
struct Failure {
    error: ConnectError,
    /// Until when calls hear of it without another attempt.
    until: Instant,
}

/// What waits for a connection.
struct Waiting<X: Exchange> {
    caller: oneshot::Sender<Result<Permit<X>, ConnectError>>,
    wait_for_ready: bool,
    /// Whether it is a call, and needs a place on it.
    is_call: bool,
}

/// A place for one call on a connection. It is given back when it is dropped.
pub(super) struct Permit<X: Exchange> {
    pool: Arc<Pool<X>>,
    /// `None` where there is nothing to give back.
    calls: Option<Arc<Calls<X>>>,
    /// Where the server is one of many.
    picked: Option<Picked>,
}

impl<X: Exchange> Permit<X> {
    pub(super) fn calls(&self) -> &Calls<X> {
        self.calls.as_ref().expect("it is there until the permit is dropped")
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.pool.runtime
    }

    pub(super) fn with(mut self, picked: Picked) -> Self {
        self.picked = Some(picked);
        self
    }

    /// Whether the server was one of many.
    pub(super) fn is_picked(&self) -> bool {
        self.picked.is_some()
    }

    /// The call has ended, well or not.
    pub(super) fn ended(&self, is_ok: bool) {
        if let Some(picked) = &self.picked {
            picked.ended(is_ok);
        }
    }
}

impl<X: Exchange> Drop for Permit<X> {
    fn drop(&mut self) {
        if let Some(calls) = self.calls.take() {
            let mut state = lock(&self.pool.state);
            calls.open.fetch_sub(1, Relaxed);
            if !state.waiting.items.is_empty() {
                self.pool.hand_out(&mut state);
            }
        }
    }
}

impl<X: Exchange> Pool<X> {
    /// With a `keeper`, the server is always connected once it was.
    pub(super) fn new(
        dial: Dial<X>,
        limits: Limits,
        runtime: Handle,
        keeper: Option<Keeper>,
    ) -> Arc<Self> {
        let state = State {
            open: Vec::new(),
            connections: 0,
            waiting: Line::default(),
            is_dialling: false,
            failures: 0,
            failure: None,
            patience: 1,
        };
        let (connectivity, _) = watch::channel(ConnectivityState::Idle);
        let state = Mutex::new(state);
        Arc::new(Self { dial, limits, runtime, state, connectivity, keeper })
    }

    pub(super) fn connectivity(&self) -> ConnectivityState {
        *self.connectivity.borrow()
    }

    pub(super) fn connectivity_states(&self) -> ConnectivityStates {
        ConnectivityStates(self.connectivity.subscribe())
    }

    /// Tells those who watch what has become of it.
    fn tell(&self, state: &State<X>) {
        let now = state.connectivity();
        let tell = |before: &mut _| std::mem::replace(before, now) != now;
        if self.connectivity.send_if_modified(tell)
            && let Some(keeper) = &self.keeper
        {
            keeper();
        }
    }

    /// Why the server could not be reached.
    pub(super) fn failure(&self) -> Option<ConnectError> {
        lock(&self.state).failure.as_ref().map(|it| it.error.clone())
    }

    /// Opens a connection if there is none.
    pub(super) fn begin(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        let dials = state.open.is_empty() && self.is_to_dial(&mut state);
        drop(state);
        self.dial_if(dials);
    }

    /// Gives no more calls to servers that are none of these.
    pub(super) fn keep_only(&self, list: &[Arc<Target>]) {
        let mut state = lock(&self.state);
        let is_left = |calls: &Arc<Calls<X>>| !list.contains(&calls.target);
        let left = state.open.extract_if(.., |(calls, _)| is_left(calls)).collect::<Vec<_>>();
        self.tell(&state);
        drop(state);
        left.iter().for_each(|(calls, _)| calls.leave());
    }

    /// Waits for a connection, whether there is a place on it or not.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<(), ConnectError> {
        let (connected, dials) = {
            let mut state = lock(&self.state);
            if !state.open.is_empty() {
                return Ok(());
            }
            self.wait(&mut state, false, false)
        };
        self.dial_if(dials);
        connected.await.map_or_else(|_| Err(runtime_ended()), |connected| connected.map(drop))
    }

    /// Waits for a place for a call.
    pub(super) async fn permit(
        self: &Arc<Self>,
        wait_for_ready: bool,
    ) -> Result<Permit<X>, ConnectError> {
        let (permit, dials) = {
            let mut state = lock(&self.state);
            if let Some(permit) = self.free_place(&mut state) {
                let dials =
                    state.open.len() < self.limits.min_connections && self.is_to_dial(&mut state);
                drop(state);
                self.dial_if(dials);
                return Ok(permit);
            }
            if let Some(failure) = &state.failure
                && !wait_for_ready
                && state.open.is_empty()
                && Instant::now() < failure.until
            {
                return Err(failure.error.clone());
            }
            self.wait(&mut state, wait_for_ready, true)
        };
        self.dial_if(dials);
        self.wake_idle();
        permit.await.unwrap_or_else(|_| Err(runtime_ended()))
    }

    /// A place for a call, if there is one now.
    pub(super) fn try_permit(self: &Arc<Self>) -> Option<Permit<X>> {
        self.free_place(&mut lock(&self.state))
    }

    fn free_place(self: &Arc<Self>, state: &mut State<X>) -> Option<Permit<X>> {
        let calls = if state.waiting.items.is_empty() { state.take() } else { None };
        Some(Permit { pool: Arc::clone(self), calls: Some(calls?), picked: None })
    }

    fn wait(
        self: &Arc<Self>,
        state: &mut State<X>,
        wait_for_ready: bool,
        is_call: bool,
    ) -> (oneshot::Receiver<Result<Permit<X>, ConnectError>>, bool) {
        let (caller, permit) = oneshot::channel();
        let waiting = Waiting { caller, wait_for_ready, is_call };
        state.waiting.push(waiting, |it| !it.caller.is_closed());
        (permit, self.is_to_dial(state))
    }

    /// Has the connections whose server allows no call ask whether it is there, now that a call waits for it.
    fn wake_idle(&self) {
        let is_idle = |calls: &&Arc<Calls<X>>| calls.watch.takes_no_calls();
        let state = lock(&self.state);
        let idle: Vec<_> =
            state.open.iter().map(|(calls, _)| calls).filter(is_idle).cloned().collect();
        drop(state);
        idle.iter().for_each(|calls| calls.wake());
    }

    /// Whether any call waits for a place.
    pub(super) fn is_waited_for(&self) -> bool {
        lock(&self.state).waiting.items.iter().any(|it| it.is_call && !it.caller.is_closed())
    }

    /// Whether there may be more connections than there are, those that are left counted.
    pub(super) fn may_have_another(&self) -> bool {
        lock(&self.state).connections < self.limits.max_connections
    }

    /// A connection has ended.
    pub(super) fn ended(&self) {
        lock(&self.state).connections -= 1;
    }

    /// Whether another connection is to be opened by [`dial_if`](Self::dial_if).
    fn is_to_dial(&self, state: &mut State<X>) -> bool {
        let dials = !state.is_dialling && state.may_open_another(&self.limits);
        state.is_dialling |= dials;
        self.tell(state);
        dials
    }

    /// Opens another connection. Not under the lock: a runtime that has ended drops the task at once, which
    /// takes it.
    fn dial_if(self: &Arc<Self>, dials: bool) {
        if dials {
            let dialling = Dialling { pool: Arc::downgrade(self), has_ended: false };
            self.runtime.spawn(dialling.run());
        }
    }

    fn hand_out(self: &Arc<Self>, state: &mut State<X>) {
        while let Some(waiting) = state.waiting.items.pop_front() {
            if waiting.caller.is_closed() {
                continue;
            }
            let calls = if waiting.is_call { state.take() } else { None };
            if state.open.is_empty() || (waiting.is_call && calls.is_none()) {
                state.waiting.items.push_front(waiting);
                return;
            }
            let permit = Permit { pool: Arc::clone(self), calls, picked: None };
            if let Err(Ok(mut permit)) = waiting.caller.send(Ok(permit))
                && let Some(calls) = permit.calls.take()
            {
                calls.open.fetch_sub(1, Relaxed);
            }
        }
    }

    /// Looks for places after a server has changed how many it allows.
    pub(super) fn look_again(self: &Arc<Self>) {
        self.hand_out(&mut lock(&self.state));
    }

    /// Gives no more calls to a connection, which this side may leave though it is good.
    pub(super) fn remove(self: &Arc<Self>, calls: &Arc<Calls<X>>, reason: &str, is_good: bool) {
        let mut state = lock(&self.state);
        let Some(place) = state.open.iter().position(|(it, _)| Arc::ptr_eq(it, calls)) else {
            return;
        };
        let (_, since) = state.open.swap_remove(place);
        if calls.watch.wants_fewer_pings() {
            state.patience = state.patience.saturating_mul(2);
        }
        let server = calls.watch.server();
        tracing::debug!(target: TARGET, server, reason, "a connection takes no more calls");
        if is_good || since.elapsed() >= GOOD || calls.has_answered() {
            state.failures = 0;
            state.failure = None;
        } else if calls.watch.goes_away() && state.failures == 0 {
            // To go away is no failure, unless a server does so each time.
            state.failures = 1;
        } else {
            state.failed(ConnectError::unavailable(reason), self.limits.backoff);
        }
        state.waiting.items.retain(|it| !it.caller.is_closed());
        let is_wanted = !state.waiting.items.is_empty() || self.is_kept(&state);
        let dials = is_wanted && self.is_to_dial(&mut state);
        self.tell(&state);
        drop(state);
        self.dial_if(dials);
    }

    /// Whether it has no connection, and is to have one although nobody waits for it.
    fn is_kept(&self, state: &State<X>) -> bool {
        self.keeper.is_some() && state.open.is_empty()
    }

    /// Takes a new connection; whether yet another one is wanted.
    fn add(self: &Arc<Self>, Dialled { engine, watch, target }: Dialled<X>) -> bool {
        tracing::debug!(target: TARGET, server = watch.server(), "connected");
        let calls = Calls::new(watch, target);
        let mut state = lock(&self.state);
        let keepalive = self.limits.keepalive.map(|patience| {
            let interval = patience.interval.saturating_mul(state.patience);
            Keepalive::new(Patience { interval, ..patience })
        });
        let pool = Arc::downgrade(self);
        let connection = Connection::new(engine, Arc::clone(&calls), keepalive, pool);
        state.open.push((calls, Instant::now()));
        state.connections += 1;
        state.failure = None;
        self.hand_out(&mut state);
        state.is_dialling = state.open.len() < self.limits.min_connections
            || (!state.waiting.items.is_empty() && state.may_open_another(&self.limits));
        let goes_on = state.is_dialling;
        self.tell(&state);
        drop(state);
        self.runtime.spawn(connection);
        goes_on
    }

    /// Tells those who wait; whether it is to be tried again.
    fn failed(self: &Arc<Self>, error: ConnectError) -> bool {
        let mut state = lock(&self.state);
        tracing::debug!(target: TARGET, %error, "not connected");
        state.failed(error.clone(), self.limits.backoff);
        state.waiting.items.retain(|it| !it.caller.is_closed());
        if state.open.is_empty() {
            let waiting = std::mem::take(&mut state.waiting.items);
            for waiting in waiting {
                if waiting.wait_for_ready {
                    state.waiting.items.push_back(waiting);
                } else {
                    let _ = waiting.caller.send(Err(error.clone()));
                }
            }
        }
        state.is_dialling = !state.waiting.items.is_empty() || self.is_kept(&state);
        self.tell(&state);
        // Also where that is nothing new: the list of servers may be an old one.
        if let Some(keeper) = &self.keeper {
            keeper();
        }
        state.is_dialling
    }

    /// When a server that could not be reached may be tried again.
    fn tries_again_at(&self) -> Option<Instant> {
        lock(&self.state).failure.as_ref().map(|failure| failure.until)
    }
}

fn runtime_ended() -> ConnectError {
    ConnectError::unavailable("the runtime has ended")
}

impl<X: Exchange> Drop for Pool<X> {
    fn drop(&mut self) {
        for (calls, _) in &lock(&self.state).open {
            calls.leave();
        }
    }
}

impl<X: Exchange> State<X> {
    fn connectivity(&self) -> ConnectivityState {
        if !self.open.is_empty() {
            ConnectivityState::Ready
        } else if self.failure.is_some() {
            ConnectivityState::TransientFailure
        } else if self.is_dialling {
            ConnectivityState::Connecting
        } else {
            ConnectivityState::Idle
        }
    }

    /// Whether there may be more connections, and the server takes calls on those that there are.
    fn may_open_another(&self, limits: &Limits) -> bool {
        self.open.len() < limits.max_connections
            && self.open.iter().all(|(calls, _)| !calls.watch.takes_no_calls())
    }

    /// A place on the connection that has most of them left.
    fn take(&mut self) -> Option<Arc<Calls<X>>> {
        let open = |calls: &Arc<Calls<X>>| calls.open.load(Relaxed);
        let with_room = self.open.iter().map(|(calls, _)| calls).filter(|calls| {
            !calls.watch.goes_away() && open(calls) < calls.watch.max_concurrent_streams()
        });
        let calls = with_room.min_by_key(|calls| open(calls))?;
        calls.open.fetch_add(1, Relaxed);
        Some(Arc::clone(calls))
    }

    fn failed(&mut self, error: ConnectError, backoff: Backoff) {
        self.failures = self.failures.saturating_add(1);
        let until = Instant::now() + backoff.after(self.failures).min(LONGEST);
        self.failure = Some(Failure { error, until });
    }
}

/// The task that opens connections, while any are wanted.
struct Dialling<X: Exchange> {
    pool: Weak<Pool<X>>,
    has_ended: bool,
}

impl<X: Exchange> Dialling<X> {
    async fn run(mut self) {
        while let Some(until) = self.pool.upgrade().map(|pool| pool.tries_again_at()) {
            if let Some(until) = until {
                tokio::time::sleep_until(until).await;
            }
            let Some(dialled) = self.pool.upgrade().map(|pool| (pool.dial)()) else { break };
            // A channel that nobody has any more is not held for as long as this takes.
            let dialled = dialled.await;
            let Some(pool) = self.pool.upgrade() else { break };
            let goes_on = match dialled {
                Ok(dialled) => pool.add(dialled),
                Err(error) => pool.failed(error),
            };
            if !goes_on {
                break;
            }
        }
        self.has_ended = true;
    }
}

/// A connector of one's own may panic.
impl<X: Exchange> Drop for Dialling<X> {
    fn drop(&mut self) {
        if !self.has_ended
            && let Some(pool) = self.pool.upgrade()
        {
            let mut state = lock(&pool.state);
            let waiting = std::mem::take(&mut state.waiting.items);
            let error =
                ConnectError::unavailable("the connector panicked, or the runtime has ended");
            state.failed(error.clone(), pool.limits.backoff);
            state.is_dialling = false;
            pool.tell(&state);
            for waiting in waiting {
                let _ = waiting.caller.send(Err(error.clone()));
            }
        }
    }
}
