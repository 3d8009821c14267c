//! What a process holds: memory, tasks, descriptors; and whether that grows.

use std::{fmt, fs, io, str::FromStr};

use tokio::runtime::Handle;

use crate::ledger::Ledger;

/// What a process holds, and what it has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Resident memory in KiB.
    pub memory: u64,
    /// Tasks of the runtime that are alive.
    pub tasks: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Calls so far.
    pub calls: u64,
    /// Messages read so far.
    pub messages: u64,
}

impl Figures {
    /// Of this process. To be called on its runtime.
    ///
    /// # Errors
    ///
    /// Where there is no `/proc`.
    pub fn read(ledger: &Ledger) -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|it| it.trim().strip_suffix(" kB")?.parse().ok());
        Ok(Self {
            memory: memory.ok_or_else(|| io::Error::other("/proc/self/status has no VmRSS"))?,
            tasks: Handle::current().metrics().num_alive_tasks() as u64,
            descriptors: fs::read_dir("/proc/self/fd")?.count() as u64,
            calls: ledger.calls(),
            messages: ledger.messages(),
        })
    }

    /// Memory, tasks and descriptors.
    pub fn held(&self) -> [u64; 3] {
        [self.memory, self.tasks, self.descriptors]
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, tasks, descriptors, calls, messages } = self;
        write!(f, "{memory} {tasks} {descriptors} {calls} {messages}")
    }
}

impl FromStr for Figures {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[memory, tasks, descriptors, calls, messages]) => {
                Ok(Self { memory, tasks, descriptors, calls, messages })
            }
            _ => Err(format!("a process says {line:?} where its figures should be")),
        }
    }
}

/// What is measured, and by how much it may differ: a share of the level, and so much besides.
pub const HELD: [(&str, u64, u64); 3] =
    [("memory, KiB", 10, 2048), ("tasks", 10, 10), ("descriptors", 10, 10)];

/// How one figure went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// The middle of its values in the second tenth of the time, when everything has warmed up.
    pub level: u64,
    /// The same in the last tenth.
    pub end: u64,
    /// What `end` may be.
    pub limit: u64,
}

impl Course {
    /// Of samples at equal distances, two at least, with a tolerance from [`HELD`].
    pub fn of(samples: &[u64], percent: u64, besides: u64) -> Self {
        let tenth = (samples.len() / 10).max(1);
        let level = median(&samples[tenth..2 * tenth]);
        let end = median(&samples[samples.len() - tenth..]);
        Self { level, end, limit: level + level * percent / 100 + besides }
    }

    /// Whether it grew.
    pub fn grew(&self) -> bool {
        self.end > self.limit
    }
}

fn median(samples: &[u64]) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_grows_all_the_time_is_found() {
        let leak: Vec<u64> = (0..600).map(|second| 40 + second / 10).collect();
        assert_eq!(Course::of(&leak, 10, 10), Course { level: 49, end: 97, limit: 63 });
        assert!(Course::of(&leak, 10, 10).grew());
    }

    #[test]
    fn a_figure_that_grows_while_it_warms_up_and_then_swings_is_not() {
        let steady = (0..600).map(|second| 20 + u64::min(second, 30) + second % 7);
        let steady: Vec<u64> = steady.collect();
        assert!(!Course::of(&steady, 10, 10).grew());
    }
}
