//! Flow control, §5.2 and §6.9: how many bytes of DATA each side may send.

/// The largest window, §6.9.1.
pub(crate) const MAX_WINDOW: u32 = (1 << 31) - 1;

/// The window that a stream and a connection have before anybody says otherwise, §6.9.2.
pub(crate) const DEFAULT_WINDOW: u32 = 65_535;

/// The window is more than 2^31 - 1 then, which §6.9.1 forbids.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

/// How much may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendWindow(
    /// Below zero when the peer has made the initial window smaller after more was sent (§6.9.2).
    i64,
);

impl SendWindow {
    pub(crate) fn new(size: u32) -> Self {
        Self(size.into())
    }

    pub(crate) fn available(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }

    pub(crate) fn take(&mut self, count: usize) {
        debug_assert!(count <= self.available());
        self.0 -= count as i64;
    }

    /// Adds what a WINDOW_UPDATE says, or by how much the initial window has changed.
    pub(crate) fn add(&mut self, difference: i64) -> Result<(), Overflow> {
        self.0 += difference;
        if self.0 > MAX_WINDOW.into() { Err(Overflow) } else { Ok(()) }
    }
}

/// How much may be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceiveWindow {
    /// How much the peer may still send.
    available: i64,
    /// How much the peer may send when nothing is held.
    size: u32,
    /// What was received and not released.
    held: u32,
    /// What was released and has not been told to the peer.
    untold: u32,
}

impl ReceiveWindow {
    pub(crate) fn new(size: u32) -> Self {
        Self { available: size.into(), size, held: 0, untold: 0 }
    }

    pub(crate) fn held(self) -> u32 {
        self.held
    }

    /// Whether the peer may send as much.
    pub(crate) fn may_receive(self, count: u32) -> bool {
        i64::from(count) <= self.available
    }

    /// Counts what came.
    pub(crate) fn receive(&mut self, count: u32) {
        debug_assert!(self.may_receive(count));
        self.available -= i64::from(count);
        self.held += count;
    }

    /// The peer may send as much again. Gives the increment of the WINDOW_UPDATE that is due.
    ///
    /// One is due when half of the window can be given back. Sooner would be a frame for every message, and
    /// later would let the peer run dry.
    pub(crate) fn release(&mut self, count: u32) -> Option<u32> {
        let count = count.min(self.held);
        self.held -= count;
        self.untold += count;
        if self.untold == 0 || self.untold < self.size / 2 {
            return None;
        }
        self.available += i64::from(self.untold);
        Some(std::mem::take(&mut self.untold))
    }

    /// Changes the size; the peer has acknowledged it (§6.9.2).
    pub(crate) fn resize(&mut self, size: u32) {
        self.available += i64::from(size) - i64::from(self.size);
        self.size = size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_window_may_be_negative_but_never_too_large() {
        let mut window = SendWindow::new(10);
        window.take(10);
        assert_eq!(window.add(-5), Ok(()));
        assert_eq!(window.available(), 0);
        assert_eq!(window.add(6), Ok(()));
        assert_eq!(window.available(), 1);
        assert_eq!(window.add(i64::from(MAX_WINDOW) - 1), Ok(()));
        assert_eq!(window.add(1), Err(Overflow));
    }

    #[test]
    fn half_a_window_is_told_at_once() {
        let mut window = ReceiveWindow::new(10);
        window.receive(10);
        assert!(!window.may_receive(1));
        assert_eq!(window.release(4), None);
        assert!(!window.may_receive(1), "the peer has not been told");
        assert_eq!(window.release(1), Some(5));
        window.receive(5);
        assert_eq!(window.release(100), Some(10), "no more than was received");
    }

    #[test]
    fn what_is_released_is_told_in_the_end_whatever_the_size() {
        for size in 1..50 {
            let mut window = ReceiveWindow::new(size);
            for _ in 0..100 {
                assert!(window.may_receive(1), "a window of {size}");
                window.receive(1);
                window.release(1);
            }
        }
    }
}
