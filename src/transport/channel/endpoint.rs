//! What is known of one server of many: its calls, its health, and how they ended.

use std::sync::{
    Arc,
    atomic::{
        AtomicBool, AtomicU8, AtomicU64, AtomicUsize,
        Ordering::{AcqRel, Relaxed, Release},
    },
};

use tokio::{sync::Notify, time::Instant};

/// A server of a list.
pub(super) struct Member {
    pub(super) address: String,
    /// How many calls run there.
    pub(super) calls: AtomicUsize,
    health: AtomicU8,
    /// Whether it gets no calls because too many have failed.
    pub(super) is_ejected: AtomicBool,
    /// How many calls have ended well, and not, since they were counted last.
    pub(super) ended: [AtomicU64; 2],
}

impl Member {
    pub(super) fn new(address: String, health: Health) -> Arc<Self> {
        Arc::new(Self {
            address,
            calls: AtomicUsize::new(0),
            health: AtomicU8::new(health as u8),
            is_ejected: AtomicBool::new(false),
            ended: Default::default(),
        })
    }

    pub(super) fn is_ejected(&self) -> bool {
        self.is_ejected.load(Relaxed)
    }

    pub(super) fn health(&self) -> Health {
        match self.health.load(Relaxed) {
            0 => Health::Unknown,
            1 => Health::Serving,
            _ => Health::NotServing,
        }
    }

    /// Notes what it says of itself; whether that is new.
    pub(super) fn set_health(&self, health: Health) -> bool {
        self.health.swap(health as u8, Relaxed) != health as u8
    }
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Nothing yet.
    Unknown,
    /// That it serves. So do those that nobody asks.
    Serving,
    NotServing,
}

/// A call at the server that it was given to.
pub(super) struct Picked {
    member: Arc<Member>,
    /// Its deadline.
    until: Option<Instant>,
    has_ended: AtomicBool,
}

impl Picked {
    pub(super) fn new(member: Arc<Member>, until: Option<Instant>) -> Self {
        member.calls.fetch_add(1, Relaxed);
        Self { member, until, has_ended: AtomicBool::new(false) }
    }

    pub(super) fn ended(&self, is_ok: bool) {
        if !self.has_ended.swap(true, Relaxed) {
            self.member.ended[usize::from(!is_ok)].fetch_add(1, Relaxed);
        }
    }
}

/// One that is given up says nothing of its server, unless that has let its deadline pass.
impl Drop for Picked {
    fn drop(&mut self) {
        self.member.calls.fetch_sub(1, Relaxed);
        if self.until.is_some_and(|it| it <= Instant::now()) {
            self.ended(false);
        }
    }
}

/// What has changed among the servers of a channel.
#[derive(Default)]
pub(super) struct Changes {
    is_stale: AtomicBool,
    /// Calls that wait, and the task that keeps the servers.
    pub(super) changed: Notify,
}

impl Changes {
    pub(super) fn tell(&self) {
        self.is_stale.store(true, Release);
        self.changed.notify_waiters();
    }

    pub(super) fn is_stale(&self) -> bool {
        self.is_stale.load(Relaxed)
    }

    /// Whether anything has changed since this was asked last.
    pub(super) fn take(&self) -> bool {
        self.is_stale() && self.is_stale.swap(false, AcqRel)
    }
}
