//! What a connection announces, and what a peer may cost.

use std::time::{Duration, Instant};

/// How much of something is borne: so many at once, and so many again in each second.
///
/// It decays, so that a connection that lives for weeks and keeps to the rules never meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many of them are forgotten in a second.
    pub per_second: u32,
}

impl Rate {
    /// So many at once, and so many again in each second.
    pub const fn new(burst: u32, per_second: u32) -> Self {
        Self { burst, per_second }
    }
}

/// The settings and limits of one side.
///
/// Every value is safe for a server that strangers reach. They are fields, so that one is changed by
/// naming it:
///
/// ```
/// let mut config = traitwire_http2::Config::default();
/// config.max_concurrent_streams = 50;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How many streams the peer may have open at once (§5.1.2). One more is refused; 200.
    pub max_concurrent_streams: u32,
    /// How many bytes a peer may send on a stream before some are [released](crate::Connection::release)
    /// (§6.9.2); 64 KiB less one, the protocol's own value.
    pub initial_window_size: u32,
    /// The same for all streams of the connection together; 1 MiB. At least 64 KiB less one, because the
    /// protocol cannot begin with less.
    pub connection_window_size: u32,
    /// The longest payload of a frame that is taken (§4.2); 16 KiB, and never less.
    pub max_frame_size: u32,
    /// The longest field section that is taken, each field counted as 32 bytes more than it has (§6.5.2);
    /// 16 KiB. A server answers a longer one with 431, a client resets the stream, and four times as much ends
    /// the connection.
    pub max_header_list_size: u32,
    /// How many bytes of fields the peer may have remembered here (RFC 7541 §4.2); 4 KiB.
    pub header_table_size: u32,
    /// How many bytes wait for the socket before no more DATA is made ready; 64 KiB. What is behind that waits
    /// with its stream, and can still be [dropped](crate::Connection::discard).
    pub max_output: usize,
    /// Streams that the peer begins and resets before they were answered (Rapid Reset, CVE-2023-44487); 200 and
    /// 100 a second. Each stream that comes to its end gives one back.
    pub resets: Rate,
    /// Streams that are reset here because of what the peer sent (MadeYouReset, CVE-2025-8671), those that
    /// are refused among them; 1,024 and 100 a second.
    pub local_resets: Rate,
    /// Frames that carry nothing: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, unknown ones, and those for streams
    /// that are closed (CVE-2019-9512, 9515); 1,000 and 100 a second. Each frame of a message, in either
    /// direction, gives two back, so that a peer who measures or updates its windows while it works is free to.
    pub control_frames: Rate,
    /// DATA without a byte that does not end its stream (CVE-2019-9518); 100 and 10 a second.
    pub empty_data: Rate,
    /// How much small DATA may wait to be released. Each frame of less than 256 bytes counts for what it lacks,
    /// because whoever keeps it keeps about that much beside it; 512 KiB.
    pub small_data: u32,
    /// How many streams that were reset here are remembered, so that what was on its way for them is passed
    /// over instead of being taken for a fault; 1,024.
    pub remembered_resets: usize,
    /// And for how long; 10 s.
    pub reset_memory: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_concurrent_streams: 200,
            initial_window_size: 65_535,
            connection_window_size: 1 << 20,
            max_frame_size: 16_384,
            max_header_list_size: 16 << 10,
            header_table_size: 4_096,
            max_output: 64 << 10,
            resets: Rate::new(200, 100),
            local_resets: Rate::new(1_024, 100),
            control_frames: Rate::new(1_000, 100),
            empty_data: Rate::new(100, 10),
            small_data: 512 << 10,
            remembered_resets: 1_024,
            reset_memory: Duration::from_secs(10),
        }
    }
}

/// Counts against a [`Rate`].
#[derive(Debug)]
pub(crate) struct Meter {
    rate: Rate,
    spent: u32,
    since: Instant,
}

impl Meter {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, spent: 0, since: now }
    }

    /// Counts one; whether it is still borne.
    ///
    /// Time is looked at only when the burst is used up. So what is forgotten before that is forgotten late,
    /// and a burst can be had twice at once after a long rest, but nothing is computed for a peer who keeps to
    /// the rules.
    pub(crate) fn spend(&mut self, now: Instant) -> bool {
        if self.spent >= self.rate.burst {
            let elapsed = now.saturating_duration_since(self.since);
            let forgotten = elapsed.as_millis() * u128::from(self.rate.per_second) / 1_000;
            if forgotten == 0 {
                return false;
            }
            self.spent = self.spent.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX));
            self.since = now;
        }
        self.spent += 1;
        true
    }

    pub(crate) fn give_back(&mut self, count: u32) {
        self.spent = self.spent.saturating_sub(count);
    }
}

/// What a peer has cost a connection.
#[derive(Debug)]
pub(crate) struct Meters {
    pub(crate) resets: Meter,
    pub(crate) local_resets: Meter,
    pub(crate) control_frames: Meter,
    pub(crate) empty_data: Meter,
    /// How much small DATA waits; a level rather than a rate, since it goes when the data goes.
    pub(crate) small_data: u32,
}

impl Meters {
    pub(crate) fn new(config: &Config, now: Instant) -> Self {
        Self {
            resets: Meter::new(config.resets, now),
            local_resets: Meter::new(config.local_resets, now),
            control_frames: Meter::new(config.control_frames, now),
            empty_data: Meter::new(config.empty_data, now),
            small_data: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_borne_and_then_the_rate() {
        let start = Instant::now();
        let mut meter = Meter::new(Rate::new(3, 2), start);
        assert_eq!([0; 4].map(|_| meter.spend(start)), [true, true, true, false]);
        let later = start + Duration::from_millis(500);
        assert_eq!([0; 2].map(|_| meter.spend(later)), [true, false]);
        meter.give_back(1);
        assert_eq!([0; 2].map(|_| meter.spend(later)), [true, false]);
    }

    #[test]
    fn a_peer_that_stays_below_the_rate_never_meets_the_burst() {
        let start = Instant::now();
        let mut meter = Meter::new(Rate::new(1, 10), start);
        assert!((0..10_000).all(|n| meter.spend(start + Duration::from_millis(100) * n)));
    }
}
