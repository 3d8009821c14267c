//! Which faults come when. The seed decides it, and nothing else.

use std::time::Duration;

use crate::random::Random;

/// A fault, and when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// After the start.
    pub at: Duration,
    /// What happens.
    pub fault: Fault,
}

/// A fault. `pick` chooses among what there is at that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed with SIGKILL, and another one is started.
    KillServer,
    /// The same with a client.
    KillClient {
        /// Which.
        pick: u64,
    },
    /// A connection is cut.
    Cut {
        /// Which.
        pick: u64,
        /// What its two ends see.
        cut: Cut,
    },
    /// A connection carries nothing for a while.
    Stall {
        /// Which.
        pick: u64,
        /// For how long.
        time: Duration,
    },
}

/// What the ends of a connection see when it is cut, wherever in a frame that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Both a FIN.
    End,
    /// Both an RST.
    Reset,
    /// The client an RST, the server a FIN.
    ResetClient,
    /// The client a FIN, the server an RST.
    ResetServer,
}

/// The faults of a run, in order; kills only where they are wanted.
pub fn plan(seed: u64, length: Duration, kills: bool) -> Vec<Timed> {
    let random = Random::new(seed);
    let mut plan = Vec::new();
    let mut add = |kind: u64, every: (u32, u32), fault: fn(&mut Random) -> Fault| {
        let mut random = random.branch(kind);
        let mut at = random.millis(every.0, every.1);
        while at < length {
            plan.push(Timed { at, fault: fault(&mut random) });
            at += random.millis(every.0, every.1);
        }
    };
    add(0, (20, 300), |random| Fault::Cut {
        pick: random.number(),
        cut: [Cut::End, Cut::Reset, Cut::ResetClient, Cut::ResetServer][random.below(4) as usize],
    });
    add(1, (50, 500), |random| Fault::Stall {
        pick: random.number(),
        time: random.millis(20, 500),
    });
    if kills {
        // Some live for longer than the bound of the rules, and could break it.
        add(2, (500, 5500), |_| Fault::KillServer);
        add(3, (500, 5500), |random| Fault::KillClient { pick: random.number() });
    }
    plan.sort_by_key(|it| it.at);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(6);

    #[test]
    fn the_seed_decides_the_plan() {
        assert_eq!(plan(1, LENGTH, true), plan(1, LENGTH, true));
        assert_ne!(plan(1, LENGTH, true), plan(2, LENGTH, true));
    }

    #[test]
    fn a_short_plan_has_every_fault() {
        for seed in 0..100 {
            let plan = plan(seed, LENGTH, true);
            let has = |is: fn(&Fault) -> bool| plan.iter().any(|it| is(&it.fault));
            assert!(has(|it| matches!(it, Fault::KillServer)));
            assert!(has(|it| matches!(it, Fault::KillClient { .. })));
            assert!(has(|it| matches!(it, Fault::Cut { .. })));
            assert!(has(|it| matches!(it, Fault::Stall { .. })));
        }
    }
}
