//! Servers that are left out because too many of their calls fail.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::time::Instant;

use super::endpoint::Member;

/// Leaves servers out for a while whose calls fail too often: [`ChannelBuilder::outlier_detection`].
///
/// It is "failure percentage" of gRPC's [proposal A50], with its settings and its values: every 10 s, a server
/// of which 50 calls or more have ended is left out if more than 85 of 100 have failed; for 30 s, twice as long the
/// second time, and so on up to 5 minutes. Nobody is judged where fewer than 5 servers have so many calls, and
/// nobody else is left out while a tenth of all are. Its other method, which compares success rates, is not here.
///
/// A call has failed when it has ended with another status than OK, or its deadline has passed before. One that its
/// caller has given up says nothing.
///
/// [`ChannelBuilder::outlier_detection`]: super::ChannelBuilder::outlier_detection
/// [proposal A50]: https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md
///
/// ```
/// use std::time::Duration;
/// use traitwire::OutlierDetection;
///
/// // For three servers, of which one may be left out.
/// let detection = OutlierDetection::new().interval(Duration::from_secs(5)).min_servers(3);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct OutlierDetection {
    pub(super) interval: Duration,
    ejection_time: (Duration, Duration),
    max_ejected_percent: u64,
    threshold_percent: u64,
    min_servers: usize,
    min_calls: u64,
}

impl OutlierDetection {
    /// With the values above.
    pub fn new() -> Self {
        Self {
            interval: Duration::from_secs(10),
            ejection_time: (Duration::from_secs(30), Duration::from_secs(300)),
            max_ejected_percent: 10,
            threshold_percent: 85,
            min_servers: 5,
            min_calls: 50,
        }
    }

    /// How often servers are judged; a millisecond at least.
    pub fn interval(self, interval: Duration) -> Self {
        Self { interval: interval.max(Duration::from_millis(1)), ..self }
    }

    /// For how long a server is left out the first time, and at most.
    pub fn ejection_time(self, first: Duration, longest: Duration) -> Self {
        Self { ejection_time: (first, longest.max(first)), ..self }
    }

    /// How many of 100 servers may be left out before nobody else is. One may always be.
    pub fn max_ejected_percent(self, percent: u32) -> Self {
        Self { max_ejected_percent: percent.into(), ..self }
    }

    /// How many of 100 calls may fail.
    pub fn threshold_percent(self, percent: u32) -> Self {
        Self { threshold_percent: percent.into(), ..self }
    }

    /// How many servers must have enough calls.
    pub fn min_servers(self, servers: usize) -> Self {
        Self { min_servers: servers, ..self }
    }

    /// How many calls of a server must have ended between two judgements.
    pub fn min_calls(self, calls: u64) -> Self {
        Self { min_calls: calls.max(1), ..self }
    }
}

impl Default for OutlierDetection {
    fn default() -> Self {
        Self::new()
    }
}

/// Since when a server is left out, and how often it was.
#[derive(Default)]
pub(super) struct Ejection {
    since: Option<Instant>,
    times: u32,
}

impl OutlierDetection {
    /// Judges the servers by the calls that have ended since the last time; whether anything has changed.
    pub(super) fn judge(&self, servers: &mut [(&Member, &mut Ejection)]) -> bool {
        let now = Instant::now();
        let count = |member: &Member| member.ended.each_ref().map(|it| it.swap(0, Relaxed));
        let counts: Vec<_> = servers.iter().map(|(member, _)| count(member)).collect();
        let has_enough = |[good, bad]: &[u64; 2]| good + bad >= self.min_calls;
        let may_eject = counts.iter().filter(|it| has_enough(it)).count() >= self.min_servers;
        let mut ejected = servers.iter().filter(|(_, it)| it.since.is_some()).count() as u64;
        let mut has_changed = false;
        for ((member, ejection), [good, bad]) in servers.iter_mut().zip(&counts) {
            let is_bad = bad * 100 > self.threshold_percent * (good + bad);
            let all = counts.len() as u64;
            match ejection.since {
                None if may_eject
                    && has_enough(&[*good, *bad])
                    && is_bad
                    && ejected * 100 < self.max_ejected_percent.max(1) * all =>
                {
                    ejection.since = Some(now);
                    ejection.times = ejection.times.saturating_add(1);
                    ejected += 1;
                }
                None => {
                    ejection.times = ejection.times.saturating_sub(1);
                    continue;
                }
                Some(since) => {
                    let (first, longest) = self.ejection_time;
                    let time = first.saturating_mul(ejection.times).min(longest);
                    if now.saturating_duration_since(since) < time {
                        continue;
                    }
                    ejection.since = None;
                }
            }
            member.is_ejected.store(ejection.since.is_some(), Relaxed);
            has_changed = true;
        }
        has_changed
    }
}
