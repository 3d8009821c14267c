//! How much may be on its way: what a sender may queue, and the windows that we give to the peer.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

/// How many bytes of a stream may wait to be written.
pub const DEFAULT_WRITE_QUOTA: usize = 64 * 1024;

/// The window of a stream, and of a connection, before anybody says otherwise.
pub const DEFAULT_WINDOW: u32 = 65_535;

/// The largest window that there may be.
pub const MAX_WINDOW: i64 = (1 << 31) - 1;

/// How many more bytes of a stream may wait to be written.
///
/// It is soft: who finds anything left takes all that it asks for, and leaves the quota negative. So
/// a message of any length passes, and the next one waits. One sender asks at a time.
#[derive(Debug)]
pub struct WriteQuota {
    left: AtomicI64,
    replenished: Notify,
}

impl WriteQuota {
    /// A quota of `size` bytes.
    pub fn new(size: usize) -> Self {
        Self { left: AtomicI64::new(size as i64), replenished: Notify::new() }
    }

    /// Waits while nothing is left, and takes `size`. Takes nothing when dropped before that.
    pub async fn get(&self, size: usize) {
        while self.left() <= 0 {
            // One that came since the look was kept for us.
            self.replenished.notified().await;
        }
        self.left.fetch_sub(size as i64, Ordering::AcqRel);
    }

    /// Gives back what was written.
    pub fn replenish(&self, size: usize) {
        let before = self.left.fetch_add(size as i64, Ordering::AcqRel);
        if before <= 0 && before + size as i64 > 0 {
            self.replenished.notify_one();
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> i64 {
        self.left.load(Ordering::Acquire)
    }
}

/// The window that we give to the peer for the whole connection.
///
/// It is returned as data comes in, read or not: a stream that nobody reads holds up no other.
#[derive(Debug)]
pub struct TrInFlow {
    limit: u32,
    unacked: u32,
}

impl TrInFlow {
    /// A window of `limit` bytes.
    pub fn new(limit: u32) -> Self {
        Self { limit, unacked: 0 }
    }

    /// Counts data, and says how much of the window to return now: a quarter of it at once.
    pub fn on_data(&mut self, size: u32) -> Option<u32> {
        self.unacked += size;
        (self.unacked >= self.limit / 4).then(|| std::mem::take(&mut self.unacked))
    }

    /// What has come since some was returned.
    pub fn unacked(&self) -> u32 {
        self.unacked
    }
}

/// The window that we give to the peer for a stream. It is returned as the application reads.
#[derive(Debug)]
pub struct InFlow {
    /// The window that the peer began with.
    limit: i64,
    /// What came and was not read.
    pending_data: i64,
    /// What was read and not returned.
    pending_update: i64,
    /// What was given on top of the limit, for a message that does not fit into it.
    delta: i64,
}

/// The peer sent more than it was allowed to.
#[derive(Debug, PartialEq, Eq)]
pub struct Overrun;

impl InFlow {
    /// A window of `limit` bytes.
    pub fn new(limit: u32) -> Self {
        Self { limit: limit.into(), pending_data: 0, pending_update: 0, delta: 0 }
    }

    /// The application is about to read `size` bytes. Says how much window to give, so that they can
    /// come at once and not in steps of the window.
    pub fn maybe_adjust(&mut self, size: u32) -> Option<u32> {
        let size = i64::from(size);
        let sender_quota = self.limit + self.delta - self.pending_data - self.pending_update;
        if size - self.pending_data <= sender_quota {
            return None;
        }
        let grant = size.min(MAX_WINDOW - self.limit - self.delta);
        self.delta += grant;
        update(grant)
    }

    /// Counts data, of which the application will get all but the padding. Says how much window to
    /// return now: that of the padding.
    pub fn on_data(&mut self, size: u32, padding: u32) -> Result<Option<u32>, Overrun> {
        let pending = self.pending_data + i64::from(size);
        if pending + self.pending_update > self.limit + self.delta {
            return Err(Overrun);
        }
        self.pending_data = pending - i64::from(padding);
        Ok(update(padding.into()))
    }

    /// The application has read. Says how much window to return now: a quarter at once.
    pub fn on_read(&mut self, size: u32) -> Option<u32> {
        let size = i64::from(size);
        self.pending_data -= size;
        // What was given for this message is not given again.
        let given = size.min(self.delta);
        self.delta -= given;
        self.pending_update += size - given;
        if self.pending_update < self.limit / 4 {
            return None;
        }
        update(std::mem::take(&mut self.pending_update))
    }
}

/// The increment of a WINDOW_UPDATE, which must not be 0.
fn update(size: i64) -> Option<u32> {
    u32::try_from(size).ok().filter(|size| *size > 0)
}
