//! Where a handler is polled first: in the task of its connection, or in one of its own.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::Placement;

/// How long the first poll of a quick handler takes on the average.
///
/// A task costs about 5 µs a call more, on both sides of it. A handler that takes several times as long
/// is worth one, so that it runs beside the others.
const QUICK: Duration = Duration::from_micros(25);

/// How long no other call of the connection is to wait for one. What takes so long is seen at once, and
/// not only on the average.
const SLOW: Duration = Duration::from_millis(1);

/// How many calls in a row must not have been slow before one is polled in place, at first and at most.
const PROBATION: (u32, u32) = (16, 1024);

/// How quick a method is seen to be.
///
/// It is measured wherever it is polled, so a method that computes stays in tasks. The time is that of
/// the clock, so a thread that the system takes the processor from looks slow: that is forgotten again,
/// unless it happens often. Two calls that count at once may count as one, which does no harm.
#[derive(Debug)]
pub(super) struct Pace {
    /// Of the last 16 calls or so, in nanoseconds.
    average: AtomicU32,
    /// How many calls are missing.
    missing: AtomicU32,
    /// How many are asked for after the next slow one.
    probation: AtomicU32,
    /// How many were polled in place since the last slow one.
    calm: AtomicU32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            average: AtomicU32::new(0),
            missing: AtomicU32::new(PROBATION.0),
            probation: AtomicU32::new(PROBATION.0),
            calm: AtomicU32::new(0),
        }
    }

    /// Whether a call of this method is polled in place.
    pub(super) fn is_in_place(&self, placement: Placement) -> bool {
        match placement {
            Placement::Measured => {
                let average = Duration::from_nanos(self.average.load(Relaxed).into());
                self.missing.load(Relaxed) == 0 && average <= QUICK
            }
            Placement::Connection => true,
            Placement::Task => false,
        }
    }

    /// Polls for the first time.
    pub(super) fn measure<T>(&self, placement: Placement, poll: impl FnOnce() -> T) -> T {
        if placement != Placement::Measured {
            return poll();
        }
        let start = Instant::now();
        let polled = poll();
        self.took(start.elapsed());
        polled
    }

    fn took(&self, time: Duration) {
        let average = self.average.load(Relaxed);
        let nanos = u32::try_from(time.min(SLOW).as_nanos()).expect("a millisecond");
        self.average.store(average - average / 16 + nanos / 16, Relaxed);

        let missing = self.missing.load(Relaxed);
        let probation = self.probation.load(Relaxed);
        if time >= SLOW {
            let next = if missing == 0 { PROBATION.1.min(2 * probation) } else { probation };
            self.probation.store(next, Relaxed);
            self.missing.store(next, Relaxed);
            self.calm.store(0, Relaxed);
        } else if missing > 0 {
            self.missing.store(missing - 1, Relaxed);
        } else {
            let calm = self.calm.load(Relaxed) + 1;
            let is_long = calm >= 10 * probation;
            self.calm.store(if is_long { 0 } else { calm }, Relaxed);
            if is_long {
                self.probation.store(PROBATION.0.max(probation / 2), Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in_place(pace: &Pace) -> bool {
        pace.is_in_place(Placement::Measured)
    }

    fn take(pace: &Pace, count: u32, time: Duration) {
        (0..count).for_each(|_| pace.took(time));
    }

    fn quick(pace: &Pace, count: u32) {
        take(pace, count, Duration::from_micros(1));
    }

    #[test]
    fn a_method_is_polled_in_place_once_it_has_been_quick() {
        let pace = Pace::new();
        quick(&pace, PROBATION.0 - 1);
        assert!(!is_in_place(&pace));
        quick(&pace, 1);
        assert!(is_in_place(&pace));
    }

    #[test]
    fn a_method_that_computes_stays_in_tasks() {
        for time in [2 * QUICK, SLOW, 10 * SLOW] {
            let pace = Pace::new();
            take(&pace, PROBATION.0, time);
            for _ in 0..10_000 {
                assert!(!is_in_place(&pace), "{time:?}");
                pace.took(time);
            }
        }
    }

    #[test]
    fn a_method_that_begins_to_compute_holds_its_connection_up_once() {
        let pace = Pace::new();
        quick(&pace, 1_000);
        pace.took(SLOW);
        assert!(!is_in_place(&pace));
        take(&pace, 1_000, SLOW);
        assert!(!is_in_place(&pace));
    }

    #[test]
    fn who_holds_connections_up_often_is_watched_for_longer_each_time() {
        let pace = Pace::new();
        quick(&pace, PROBATION.0);
        let mut probation = PROBATION.0;
        for _ in 0..10 {
            assert!(is_in_place(&pace));
            pace.took(SLOW);
            probation = PROBATION.1.min(probation * 2);
            quick(&pace, probation - 1);
            assert!(!is_in_place(&pace));
            // Until the average has come down, too.
            quick(&pace, 64);
        }
    }

    #[test]
    fn a_slow_call_now_and_then_is_forgotten() {
        let pace = Pace::new();
        quick(&pace, 2_000);
        let mut in_place = 0;
        for _ in 0..20 {
            pace.took(SLOW);
            for _ in 0..2_000 {
                in_place += u32::from(is_in_place(&pace));
                quick(&pace, 1);
            }
        }
        assert!(in_place > 19 * 2_000, "{in_place}");
    }

    #[test]
    fn it_can_be_said_by_hand() {
        let pace = Pace::new();
        assert!(pace.is_in_place(Placement::Connection));
        quick(&pace, PROBATION.0);
        assert!(!pace.is_in_place(Placement::Task));
    }
}
