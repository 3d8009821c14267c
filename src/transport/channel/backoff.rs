//! How long to wait before a server is dialled again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Waits that become longer, each a little longer or shorter than it would be, so that the clients of a
/// server that was away do not all come back at one moment (gRPC's doc/connection-backoff.md).
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

const MULTIPLIER: f64 = 1.6;
const JITTER: f64 = 0.2;

impl Backoff {
    /// The wait after so many attempts in a row that failed.
    pub(super) fn after(self, failures: u32) -> Duration {
        let Some(before) = failures.checked_sub(1) else { return Duration::ZERO };
        let grown = self.first.as_secs_f64() * MULTIPLIER.powi(before.min(100) as i32);
        let jitter = 1.0 - JITTER + 2.0 * JITTER * random();
        let wait = grown.min(self.longest.as_secs_f64()) * jitter;
        Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX)
    }
}

/// From 0 to 1. The hashers of the standard library begin with random keys.
pub(super) fn random() -> f64 {
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_one_and_differ() {
        let backoff =
            Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(10) };
        assert_eq!(backoff.after(0), Duration::ZERO);
        for (failures, expected) in [(1, 0.1), (2, 0.16), (3, 0.256), (20, 10.0), (u32::MAX, 10.0)]
        {
            let waits: Vec<_> = (0..100).map(|_| backoff.after(failures).as_secs_f64()).collect();
            assert!(waits.iter().all(|it| (0.8 * expected..1.2 * expected).contains(it)));
            assert!(waits.iter().any(|it| *it != waits[0]));
        }
    }

    #[test]
    fn no_wait_is_too_long_to_be_said() {
        let backoff = Backoff { first: Duration::MAX, longest: Duration::MAX };
        assert!(backoff.after(1) > Duration::from_secs(1 << 60));
        assert!(backoff.after(u32::MAX) > Duration::from_secs(1 << 60));
    }
}
