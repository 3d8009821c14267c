//! How much may be on its way: what a sender may queue, and the windows that we give to the peer.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

/// How many bytes of a stream may wait to be written.
pub(crate) const DEFAULT_WRITE_QUOTA: i64 = 64 * 1024;

/// The window of a stream, and of a connection, before anybody says otherwise. We do not.
pub(crate) const DEFAULT_WINDOW: i64 = 65_535;

/// The largest window that there may be.
pub(crate) const MAX_WINDOW: i64 = (1 << 31) - 1;

/// How many more bytes of a stream may wait to be written.
///
/// It is soft: who finds anything left takes all that it asks for, and leaves the quota negative. So
/// a message of any length passes, and the next one waits. One sender asks at a time.
#[derive(Debug)]
pub(crate) struct WriteQuota {
    left: AtomicI64,
    replenished: Notify,
}

impl WriteQuota {
    pub(crate) fn new() -> Self {
        Self { left: AtomicI64::new(DEFAULT_WRITE_QUOTA), replenished: Notify::new() }
    }

    /// Waits while nothing is left, and takes `size`. Takes nothing when dropped before that.
    pub(crate) async fn get(&self, size: i64) {
        while self.left() <= 0 {
            // One that came since the look was kept for us.
            self.replenished.notified().await;
        }
        self.left.fetch_sub(size, Ordering::AcqRel);
    }

    /// Gives back what was written.
    pub(crate) fn replenish(&self, size: i64) {
        let before = self.left.fetch_add(size, Ordering::AcqRel);
        if before <= 0 && before + size > 0 {
            self.replenished.notify_one();
        }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> i64 {
        self.left.load(Ordering::Acquire)
    }
}

/// The window that we give to the peer for the whole connection.
///
/// It is returned as data comes in, read or not: a stream that nobody reads holds up no other.
#[derive(Debug, Default)]
pub(crate) struct TrInFlow {
    unacked: i64,
}

impl TrInFlow {
    /// Counts data, and says how much of the window to return now: a quarter of it at once.
    pub(crate) fn on_data(&mut self, size: i64) -> Option<u32> {
        self.unacked += size;
        if self.unacked < DEFAULT_WINDOW / 4 {
            return None;
        }
        update(std::mem::take(&mut self.unacked))
    }
}

/// The window that we give to the peer for a stream. It is returned as the application reads.
#[derive(Debug, Default)]
pub(crate) struct InFlow {
    /// What came and was not read.
    pending_data: i64,
    /// What was read and not returned.
    pending_update: i64,
    /// What was given on top of the window, for a message that does not fit into it.
    delta: i64,
}

impl InFlow {
    /// The application is about to read `size` bytes. Says how much window to give, so that they can
    /// come at once and not in steps of the window.
    pub(crate) fn maybe_adjust(&mut self, size: i64) -> Option<u32> {
        let sender_quota = DEFAULT_WINDOW + self.delta - self.pending_data - self.pending_update;
        if size - self.pending_data <= sender_quota {
            return None;
        }
        let grant = size.min(MAX_WINDOW - DEFAULT_WINDOW - self.delta);
        self.delta += grant;
        update(grant)
    }

    /// Counts data, of which the application will get all but the padding. Says how much window to
    /// return now, that of the padding; `Err` when more came than was given.
    pub(crate) fn on_data(&mut self, size: i64, padding: i64) -> Result<Option<u32>, ()> {
        let pending = self.pending_data + size;
        if pending + self.pending_update > DEFAULT_WINDOW + self.delta {
            return Err(());
        }
        self.pending_data = pending - padding;
        Ok(update(padding))
    }

    /// The application has read. Says how much window to return now: a quarter at once.
    pub(crate) fn on_read(&mut self, size: i64) -> Option<u32> {
        self.pending_data -= size;
        // What was given for this message is not given again.
        let given = size.min(self.delta);
        self.delta -= given;
        self.pending_update += size - given;
        if self.pending_update < DEFAULT_WINDOW / 4 {
            return None;
        }
        update(std::mem::take(&mut self.pending_update))
    }
}

/// The increment of a WINDOW_UPDATE, which must not be 0.
fn update(size: i64) -> Option<u32> {
    u32::try_from(size).ok().filter(|size| *size > 0)
}
