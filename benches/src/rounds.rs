//! Fair timing: everything that is compared runs in turn, round after round.
//!
//! A machine is faster in one second than in the next. So no contender runs alone for long: each
//! has a turn in every round, another one goes first each time, and ratios are taken within a
//! round, before the median.

use std::time::{Duration, Instant};

/// Something to time.
pub(crate) struct Contender<'a> {
    pub(crate) name: &'static str,
    /// How many messages, or calls, one run makes.
    pub(crate) units: u32,
    /// Runs once; returns how long that took, without what it had to prepare.
    pub(crate) run: Box<dyn FnMut() -> Duration + 'a>,
}

/// How long `run` takes.
pub(crate) fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// What a contender took in each round, in nanoseconds a unit.
pub(crate) struct Timed {
    pub(crate) name: &'static str,
    pub(crate) nanos: Vec<f64>,
}

impl Timed {
    /// How many times as long as `other` it took, round by round.
    pub(crate) fn ratio(&self, other: &Timed) -> Spread {
        Spread::of(self.nanos.iter().zip(&other.nanos).map(|(own, other)| own / other))
    }

    pub(crate) fn spread(&self) -> Spread {
        Spread::of(self.nanos.iter().copied())
    }

    /// Units in a second.
    pub(crate) fn rate(&self) -> Spread {
        Spread::of(self.nanos.iter().map(|nanos| 1e9 / nanos))
    }
}

/// Times the contenders, after one round that does not count.
pub(crate) fn interleave(rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<Timed> {
    let mut timed: Vec<_> = contenders
        .iter()
        .map(|it| Timed { name: it.name, nanos: Vec::with_capacity(rounds) })
        .collect();
    for contender in &mut contenders {
        (contender.run)();
    }
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let contender = &mut contenders[index];
            let nanos = (contender.run)().as_nanos() as f64;
            timed[index].nanos.push(nanos / f64::from(contender.units));
        }
    }
    timed
}

/// The middle of some figures, and where four fifths of them lie.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) p10: f64,
    pub(crate) median: f64,
    pub(crate) p90: f64,
}

impl Spread {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let at = |percent: usize| figures[(figures.len() - 1) * percent / 100];
        Self { p10: at(10), median: at(50), p90: at(90) }
    }
}
