//! What each side of a call writes down while it happens.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::contract::Parcel;

/// Milliseconds since the machine started, the same in every process. A wall clock may be set.
pub struct Clock {
    uptime: Duration,
    read: Instant,
}

impl Clock {
    /// Reads it once; from then on the process counts for itself.
    ///
    /// # Errors
    ///
    /// Where there is no `/proc`.
    pub fn new() -> io::Result<Self> {
        let text = std::fs::read_to_string("/proc/uptime")?;
        let seconds = text.split(' ').next().and_then(|it| it.parse().ok());
        let seconds = seconds.ok_or_else(|| io::Error::other("/proc/uptime has no number"))?;
        Ok(Self { uptime: Duration::from_secs_f64(seconds), read: Instant::now() })
    }

    /// Now.
    pub fn now(&self) -> u64 {
        u64::try_from((self.uptime + self.read.elapsed()).as_millis()).expect("a short time")
    }
}

/// One line of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which call.
    pub call: u64,
    /// When, by the [`Clock`].
    pub at: u64,
    /// What happened.
    pub event: Event,
}

/// What happens to one side of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It starts, and has so many milliseconds.
    Begin(Option<u64>),
    /// Message `n` is about to be handed to the API.
    Give(u32),
    /// The API has returned message `n`.
    Got(u32),
    /// The message that came is not a whole message of this call.
    Wrong(u32),
    /// In a message, the other side says that it has read `n`.
    Told(u32),
    /// After `n` messages it is about to end its own half: it closes it, returns, or fails with the
    /// error of its own.
    Closing(u32),
    /// After `n` messages the API has said that the other side ended its half so.
    Closed(u32),
    /// The call is over for this side, in this way.
    End(String),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.at, self.call)?;
        match &self.event {
            Event::Begin(None) => write!(f, "begin -"),
            Event::Begin(Some(millis)) => write!(f, "begin {millis}"),
            Event::Give(n) => write!(f, "give {n}"),
            Event::Got(n) => write!(f, "got {n}"),
            Event::Wrong(n) => write!(f, "wrong {n}"),
            Event::Told(n) => write!(f, "told {n}"),
            Event::Closing(n) => write!(f, "closing {n}"),
            Event::Closed(n) => write!(f, "closed {n}"),
            Event::End(how) => write!(f, "end {how}"),
        }
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let unread = || format!("a ledger has the line {line:?}");
        let number = |text: &str| text.parse::<u64>().map_err(|_| unread());
        let [at, call, name, rest] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
            return Err(unread());
        };
        let n = || rest.parse::<u32>().map_err(|_| unread());
        let event = match name {
            "begin" if rest == "-" => Event::Begin(None),
            "begin" => Event::Begin(Some(number(rest)?)),
            "give" => Event::Give(n()?),
            "got" => Event::Got(n()?),
            "wrong" => Event::Wrong(n()?),
            "told" => Event::Told(n()?),
            "closing" => Event::Closing(n()?),
            "closed" => Event::Closed(n()?),
            "end" => Event::End(rest.to_owned()),
            _ => return Err(unread()),
        };
        Ok(Self { call: number(call)?, at: number(at)?, event })
    }
}

/// The ledger of one process.
///
/// Each record is one `write(2)` at the end of a file: it is in the hands of the system when the
/// call returns, and outlives a SIGKILL.
pub struct Ledger {
    file: Option<File>,
    clock: Clock,
    calls: AtomicU64,
    messages: AtomicU64,
    open: watch::Sender<u64>,
}

impl Ledger {
    /// A ledger in a new file, or one that only counts.
    ///
    /// # Errors
    ///
    /// Where the file cannot be made.
    pub fn new(path: Option<&Path>) -> io::Result<Arc<Self>> {
        let new = |path| OpenOptions::new().append(true).create_new(true).open(path);
        Ok(Arc::new(Self {
            file: path.map(new).transpose()?,
            clock: Clock::new()?,
            calls: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            open: watch::Sender::new(0),
        }))
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// How many messages the API has returned.
    pub fn messages(&self) -> u64 {
        self.messages.load(Relaxed)
    }

    /// Waits until no call is open.
    pub async fn all_over(&self) {
        let none = self.open.subscribe().wait_for(|open| *open == 0).await.map(drop);
        none.expect("the ledger itself holds the other end");
    }

    fn write(&self, call: u64, event: Event) {
        let Some(mut file) = self.file.as_ref() else { return };
        let line = format!("{}\n", Record { call, at: self.clock.now(), event });
        file.write_all(line.as_bytes()).expect("there is place for the ledger");
    }
}

/// One side of one call, and its lines in the ledger. The last one is written when this is dropped.
pub struct Side {
    ledger: Arc<Ledger>,
    call: u64,
    given: AtomicU32,
    got: AtomicU32,
    how: String,
}

impl Side {
    /// The call starts.
    pub fn begin(ledger: &Arc<Ledger>, call: u64, left: Option<Duration>) -> Self {
        let left = left.map(|it| u64::try_from(it.as_millis()).expect("a short time"));
        ledger.calls.fetch_add(1, Relaxed);
        ledger.open.send_modify(|open| *open += 1);
        ledger.write(call, Event::Begin(left));
        Self {
            ledger: ledger.clone(),
            call,
            given: AtomicU32::new(0),
            got: AtomicU32::new(0),
            how: "dropped".to_owned(),
        }
    }

    /// The next message, to be handed to the API.
    pub fn give(&self, size: u32) -> Parcel {
        let number = self.given.fetch_add(1, Relaxed);
        self.ledger.write(self.call, Event::Give(number));
        Parcel::new(self.call, number, self.got.load(Relaxed), size)
    }

    /// A message has come.
    pub fn got(&self, parcel: &Parcel) {
        self.got.fetch_add(1, Relaxed);
        self.ledger.messages.fetch_add(1, Relaxed);
        if parcel.call != self.call || !parcel.is_whole() {
            self.ledger.write(self.call, Event::Wrong(parcel.number));
        }
        self.ledger.write(self.call, Event::Got(parcel.number));
        self.ledger.write(self.call, Event::Told(parcel.seen));
    }

    /// This side is about to end its half.
    pub fn closing(&self) {
        self.ledger.write(self.call, Event::Closing(self.given.load(Relaxed)));
    }

    /// The other side has ended its half.
    pub fn closed(&self) {
        self.ledger.write(self.call, Event::Closed(self.got.load(Relaxed)));
    }

    /// How the call has ended.
    pub fn end(mut self, how: &str) {
        self.how = how.replace('\n', " ");
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let how = std::mem::take(&mut self.how);
        self.ledger.write(self.call, Event::End(how));
        self.ledger.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_read_as_it_was_written() {
        let events = [
            Event::Begin(None),
            Event::Begin(Some(250)),
            Event::Give(0),
            Event::Got(1),
            Event::Wrong(2),
            Event::Told(3),
            Event::Closing(4),
            Event::Closed(5),
            Event::End("Unavailable the connection was lost".to_owned()),
        ];
        for event in events {
            let record = Record { call: 17, at: 12, event };
            assert_eq!(record.to_string().parse(), Ok(record));
        }
    }
}
