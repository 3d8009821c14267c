//! Deadlines: how long a call may still take.
//!
//! A caller says how long it is willing to wait
//! ([`CallOptions::timeout`](crate::CallOptions::timeout)), and the call carries that as
//! `grpc-timeout`. Both sides then count for themselves: the client gives up when its own
//! clock says so, and the server stops the handler and its stream. Either side reports
//! [`Code::DeadlineExceeded`](crate::Code::DeadlineExceeded).
//!
//! On a [`Server`](crate::Server) a deadline also ends a call whose caller does not read: what waits to be
//! sent is dropped, and the status leaves in its place. The server may have deadlines of its own, one for
//! callers who set none (`default_timeout`), and one that no caller can exceed (`max_timeout`).
//!
//! A limit: under another server, such as tonic's or axum's, a stream whose caller does not read is not asked
//! for more, so its handler rests where it is, past the deadline too, until the caller reads on or leaves. A
//! caller of this library leaves at its own deadline. Against others, keep the number of streams bounded there,
//! and connections short.

use std::{future::Future, pin::Pin, task::Context, time::Duration};

use tonic::Status;

use crate::{
    call::{Field, Head},
    clock::{Instant, Sleep, sleep_until},
};

tokio::task_local! {
    /// When the call that is being handled must be done; set while a handler is polled.
    static CURRENT: Option<Instant>;
}

/// How much time is left for the call that is being handled.
///
/// `None` outside a handler, and inside one whose call has no deadline, neither by its caller nor by the
/// server. A task that a handler
/// spawns is not inside the handler: ask first and move the answer into the task.
///
/// ```
/// use std::time::Duration;
/// use traitwire::deadline;
///
/// // Leave a tenth of the time for the answer's way back.
/// let budget = deadline::remaining().map(|left| left.mul_f64(0.9));
/// assert_eq!(budget, None::<Duration>); // no handler is running here
/// ```
#[must_use]
pub fn remaining() -> Option<Duration> {
    current().map(|at| at.saturating_duration_since(Instant::now()))
}

/// The deadline of the call that is being handled.
pub(crate) fn current() -> Option<Instant> {
    CURRENT.try_with(|at| *at).ok().flatten()
}

/// The status of a call that took too long, the same on both sides.
pub(crate) fn exceeded() -> Status {
    Status::deadline_exceeded("deadline exceeded")
}

/// The status of a call that was not made, because its deadline had passed before.
#[cfg(feature = "client")]
pub(crate) fn too_late() -> Status {
    Status::deadline_exceeded("the deadline had passed before the call was made")
}

/// A moment that may never come, and the timer for it.
///
/// Takes no memory beyond itself when there is no deadline.
pub(crate) struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    pub(crate) fn at(at: Option<Instant>) -> Self {
        Self(at.map(|at| Box::pin(sleep_until(at))))
    }

    /// Whether the moment has come; wakes the task when it does.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.0 {
            // Nobody sees to the timers while a task goes on and on without waiting.
            Some(timer) => timer.as_mut().poll(cx).is_ready() || timer.deadline() <= Instant::now(),
            None => false,
        }
    }

    /// Whether the moment has passed, by the clock rather than by the timer, which may be 1 ms late.
    pub(crate) fn has_passed(&self) -> bool {
        matches!(&self.0, Some(timer) if timer.deadline() <= Instant::now())
    }

    /// The moment itself.
    pub(crate) fn moment(&self) -> Option<Instant> {
        self.0.as_ref().map(|timer| timer.deadline())
    }

    /// Polls with [`remaining`] counting towards this deadline.
    pub(crate) fn enter<R>(&self, poll: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self.moment(), poll)
    }

    /// The reason a call failed: once the deadline has passed, that is the reason.
    pub(crate) fn blame(&self, status: Status) -> Status {
        if self.has_passed() { exceeded() } else { status }
    }
}

/// Reads `grpc-timeout`: at most eight digits and a unit, as the gRPC specification has it
/// (PROTOCOL-HTTP2.md, "Timeout").
pub(crate) fn timeout_of(head: &dyn Head) -> Result<Option<Duration>, Status> {
    let Some(value) = head.get(Field::Timeout) else {
        return Ok(None);
    };
    parse(&value).map(Some).ok_or_else(|| {
        Status::internal(format!(
            "malformed grpc-timeout {:?}: expected up to 8 digits and one of H, M, S, m, u, n",
            String::from_utf8_lossy(&value)
        ))
    })
}

fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count: u64 = str::from_utf8(digits).ok()?.parse().ok()?;
    match unit {
        b'H' => Some(Duration::from_secs(count * 3600)),
        b'M' => Some(Duration::from_secs(count * 60)),
        b'S' => Some(Duration::from_secs(count)),
        b'm' => Some(Duration::from_millis(count)),
        b'u' => Some(Duration::from_micros(count)),
        b'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// Writes `grpc-timeout` in the finest unit that takes eight digits.
#[cfg(feature = "client")]
pub(crate) fn format(timeout: Duration) -> String {
    const UNITS: [(char, u128); 6] = [
        ('n', 1),
        ('u', 1_000),
        ('m', 1_000_000),
        ('S', 1_000_000_000),
        ('M', 60_000_000_000),
        ('H', 3_600_000_000_000),
    ];
    const MOST: u128 = 99_999_999;
    let nanoseconds = timeout.as_nanos();
    let unit = UNITS.iter().find(|(_, length)| nanoseconds / length <= MOST);
    unit.map_or_else(
        || format!("{MOST}H"),
        |(unit, length)| format!("{}{unit}", nanoseconds / length),
    )
}

/// The longest time that `grpc-timeout` can say: eight digits of hours. More is no deadline at all.
const LONGEST: Duration = Duration::from_secs(99_999_999 * 3600);

/// The moment that is `timeout` from now; none where that is further than a call can say.
pub(crate) fn after(timeout: Duration) -> Option<Instant> {
    let timeout = Some(timeout).filter(|it| *it <= LONGEST)?;
    Instant::now().checked_add(timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        let read = |value: &str| parse(value.as_bytes());
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("4S"), Some(Duration::from_secs(4)));
        assert_eq!(read("5m"), Some(Duration::from_millis(5)));
        assert_eq!(read("6u"), Some(Duration::from_micros(6)));
        assert_eq!(read("99999999n"), Some(Duration::from_nanos(99_999_999)));
    }

    #[cfg(feature = "client")]
    #[test]
    fn what_is_written_is_read_and_is_no_longer() {
        let mut timeout = Duration::from_nanos(1);
        while let Some(next) = timeout.checked_mul(3) {
            let written = format(timeout);
            let read = parse(written.as_bytes()).unwrap();
            assert!(read <= timeout, "{written}");
            assert!(timeout > LONGEST || read.as_secs_f64() > timeout.as_secs_f64() * 0.99);
            timeout = next;
        }
    }

    #[test]
    fn what_the_specification_does_not_allow_is_refused() {
        for value in ["", "n", "1", "1x", "-1S", "+1S", "1.5S", "123456789n", " 1S"] {
            assert_eq!(parse(value.as_bytes()), None, "{value:?}");
        }
    }
}
