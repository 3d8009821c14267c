//! What a server is doing: its connections, and the calls that run on them.
//!
//! A call takes one of the places of its connection when it begins, and gives it back when it ends. Places are atomics,
//! so that no call waits for another one, nor for whoever looks.

use std::{
    fmt,
    sync::{
        Arc, Mutex, Weak,
        atomic::{
            AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    time::Duration,
};

use tokio::time::Instant;

use super::routes::Routes;
use crate::{Peer, call::lock};

/// Shows what a [`Server`](super::Server) is doing, for those who run it: which connections and calls there are, and
/// which of them are slow. It is what other implementations of gRPC call channelz, as data.
///
/// ```
/// use traitwire::{Monitor, Server};
///
/// let monitor = Monitor::new();
/// let server = Server::new().monitor(&monitor);
/// // tokio::spawn(server.add(OrdersServer::new(shop)).serve(listener, shutdown_signal()));
///
/// for connection in monitor.snapshot().connections {
///     println!("{}: {} calls", connection.peer, connection.calls_started);
///     for call in connection.running {
///         println!("  {} for {:?}, {} bytes not taken", call.path, call.age, call.waiting);
///     }
/// }
/// ```
///
/// Clones are of the same monitor. A server without one spends nothing on it.
#[derive(Clone, Default)]
pub struct Monitor(Arc<Mutex<Vec<Weak<Watched>>>>);

/// What a server was doing at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The connections, the oldest first. One that has not sent its preface yet is not among them.
    pub connections: Vec<ConnectionSnapshot>,
}

/// A connection at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionSnapshot {
    /// Who is at its other end.
    pub peer: Peer,
    /// How long it has been there.
    pub age: Duration,
    /// How many calls have begun on it.
    pub calls_started: u64,
    /// How many of them have ended with OK. The answer of a tower service counts as OK when it has been sent whole.
    pub calls_succeeded: u64,
    /// How many have ended in another way; also those whose callers have left.
    pub calls_failed: u64,
    /// The calls that run, the oldest first.
    pub running: Vec<CallSnapshot>,
}

/// A call at one moment.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallSnapshot {
    /// `/package.Service/Method`; empty for what tower services answer, and behind layers.
    pub path: &'static str,
    /// How long it has run.
    pub age: Duration,
    /// How many bytes of its answer wait for the caller to make room. A caller that does not read is seen by this.
    pub waiting: usize,
}

impl Monitor {
    /// One for [`Server::monitor`](super::Server::monitor).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What goes on now. The numbers of a call may be some microseconds apart.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let connections: Vec<_> = lock(&self.0).iter().filter_map(Weak::upgrade).collect();
        Snapshot { connections: connections.iter().map(|it| it.snapshot()).collect() }
    }

    pub(super) fn watch(&self, peer: Peer, routes: Arc<Routes>, places: usize) -> Arc<Watched> {
        let watched = Arc::new(Watched {
            peer,
            routes,
            since: Instant::now(),
            started: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            places: (0..places.min(MOST)).map(|_| Place::default()).collect(),
        });
        let mut all = lock(&self.0);
        all.retain(|it| it.strong_count() > 0);
        all.push(Arc::downgrade(&watched));
        watched
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

/// How many calls of a connection are shown at most.
const MOST: usize = 1024;

/// A place that nobody has, and one that somebody is about to take. From `BEGAN` on it is when its call began: the
/// nanoseconds since its connection was there, and `BEGAN`.
const FREE: u64 = 0;
const TAKEN: u64 = 1;
const BEGAN: u64 = 2;

#[derive(Default)]
struct Place {
    began: AtomicU64,
    /// The number of its route.
    route: AtomicUsize,
    waiting: AtomicUsize,
}

/// A connection.
pub(super) struct Watched {
    peer: Peer,
    routes: Arc<Routes>,
    since: Instant,
    started: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    places: Box<[Place]>,
}

impl Watched {
    /// A call begins, with the number of its route.
    pub(super) fn begin(self: &Arc<Self>, route: usize) -> WatchedCall {
        let started = self.started.fetch_add(1, Relaxed);
        let began = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX - BEGAN);
        // Where the last one has found none, the next is free most often.
        let first = usize::try_from(started).unwrap_or_default();
        let place = (0..self.places.len()).map(|it| (first + it) % self.places.len()).find(|it| {
            self.places[*it].began.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_ok()
        });
        if let Some(place) = place.map(|it| &self.places[it]) {
            place.route.store(route, Relaxed);
            place.waiting.store(0, Relaxed);
            place.began.store(BEGAN + began, Release);
        }
        WatchedCall { connection: Arc::clone(self), place, succeeds: false }
    }

    fn snapshot(&self) -> ConnectionSnapshot {
        let age = self.since.elapsed();
        let mut running: Vec<_> = self.places.iter().filter_map(|it| self.call(it, age)).collect();
        running.sort_by_key(|call| std::cmp::Reverse(call.age));
        ConnectionSnapshot {
            peer: self.peer.clone(),
            age,
            calls_started: self.started.load(Relaxed),
            calls_succeeded: self.succeeded.load(Relaxed),
            calls_failed: self.failed.load(Relaxed),
            running,
        }
    }

    /// The call that has a place, unless it ends meanwhile.
    fn call(&self, place: &Place, age: Duration) -> Option<CallSnapshot> {
        let began = place.began.load(Acquire);
        let path = self.routes.path(place.route.load(Relaxed));
        let waiting = place.waiting.load(Relaxed);
        if began < BEGAN || place.began.load(Acquire) != began {
            return None;
        }
        let age = age.saturating_sub(Duration::from_nanos(began - BEGAN));
        Some(CallSnapshot { path, age, waiting })
    }
}

/// A call, as long as it runs.
pub(super) struct WatchedCall {
    connection: Arc<Watched>,
    place: Option<usize>,
    succeeds: bool,
}

impl WatchedCall {
    /// How much of its answer waits.
    pub(super) fn waits(&self, bytes: usize) {
        if let Some(place) = self.place {
            self.connection.places[place].waiting.store(bytes, Relaxed);
        }
    }

    /// It ends with OK.
    pub(super) fn succeeds(&mut self) {
        self.succeeds = true;
    }
}

impl Drop for WatchedCall {
    fn drop(&mut self) {
        let Watched { succeeded, failed, places, .. } = &*self.connection;
        if let Some(place) = self.place {
            places[place].began.store(FREE, Release);
        }
        let ended = if self.succeeds { succeeded } else { failed };
        ended.fetch_add(1, Relaxed);
    }
}
