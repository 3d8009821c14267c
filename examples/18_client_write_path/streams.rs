//! The table of streams: which are open, how many more may be, and whether any may.

use std::{collections::HashMap, sync::Arc};

use traitwire::{Code, Status};

use crate::stream::Stream;

/// How many streams may be open before the server has said how many.
const DEFAULT_MAX_STREAMS: i64 = 100;

/// The last id that is given: three quarters of all. The connection is to be left before they end.
const MAX_STREAM_ID: u32 = (1 << 31) / 4 * 3;

/// The streams of a connection. The control buffer's lock guards it.
#[derive(Debug)]
pub(crate) struct Streams {
    next_id: u32,
    max: i64,
    /// How many more may be opened. Negative when the server has lowered its limit.
    pub(crate) quota: i64,
    pub(crate) active: HashMap<u32, Arc<Stream>>,
    reachable: Reachable,
    /// The window that each new one gives to the peer.
    window: u32,
}

/// Whether the connection takes new streams.
#[derive(Debug)]
enum Reachable {
    Yes,
    /// The server leaves. It looks at no stream behind `last_stream`.
    Draining {
        last_stream: u32,
        status: Status,
    },
    Closed(Status),
}

impl Streams {
    pub(crate) fn new(window: u32) -> Self {
        Self {
            next_id: 1,
            max: DEFAULT_MAX_STREAMS,
            quota: DEFAULT_MAX_STREAMS,
            active: HashMap::new(),
            reachable: Reachable::Yes,
            window,
        }
    }

    /// A new stream with the next id; `None` when there is no quota left for it.
    pub(crate) fn check_for_stream_quota(&mut self) -> Option<Result<Arc<Stream>, Status>> {
        match &self.reachable {
            Reachable::Yes => {}
            Reachable::Draining { status, .. } | Reachable::Closed(status) => {
                return Some(Err(status.clone()));
            }
        }
        if self.next_id > MAX_STREAM_ID {
            return Some(Err(Status::unavailable("the ids of the connection are used up")));
        }
        if self.quota <= 0 {
            return None;
        }
        self.quota -= 1;
        let stream = Arc::new(Stream::new(self.next_id, self.window));
        self.next_id += 2;
        self.active.insert(stream.id, stream.clone());
        Some(Ok(stream))
    }

    /// Gives the quota of a stream back.
    pub(crate) fn remove(&mut self, id: u32) {
        if self.active.remove(&id).is_some() {
            self.quota += 1;
        }
    }

    /// The server's limit. It may be lower than what is open.
    pub(crate) fn set_max(&mut self, max: i64) {
        self.quota += max - self.max;
        self.max = max;
    }

    /// Whether a stream of this id was never opened, so that no frame may name it.
    pub(crate) fn is_idle(&self, id: u32) -> bool {
        id.is_multiple_of(2) || id >= self.next_id
    }

    /// Takes no new streams. Returns those that the server will not look at; an error when it takes
    /// back what it has said before.
    pub(crate) fn drain(
        &mut self,
        last_stream: u32,
        why: Status,
    ) -> Result<Vec<Arc<Stream>>, &'static str> {
        match &mut self.reachable {
            Reachable::Closed(_) => return Ok(Vec::new()),
            Reachable::Draining { last_stream: before, .. } if last_stream > *before => {
                return Err("a second GOAWAY with more streams than the first");
            }
            Reachable::Draining { last_stream: before, .. } => *before = last_stream,
            Reachable::Yes => self.reachable = Reachable::Draining { last_stream, status: why },
        }
        let unprocessed = self.active.values().filter(|stream| stream.id > last_stream);
        Ok(unprocessed.cloned().collect())
    }

    /// Whether nothing is left to wait for.
    pub(crate) fn is_drained(&self) -> bool {
        matches!(self.reachable, Reachable::Draining { .. }) && self.active.is_empty()
    }

    /// The connection is over. Returns the streams that were open, and how they end; `None` when it
    /// was over before.
    pub(crate) fn close(&mut self, mut why: Status) -> Option<(Vec<Arc<Stream>>, Status)> {
        match &self.reachable {
            Reachable::Closed(_) => return None,
            // The server has said more than that its socket is gone.
            Reachable::Draining { status, .. } if why.code() == Code::Unavailable => {
                why = Status::unavailable(format!("{}; {}", status.message(), why.message()));
            }
            _ => {}
        }
        self.reachable = Reachable::Closed(why.clone());
        self.quota += self.active.len() as i64;
        Some((self.active.drain().map(|(_, stream)| stream).collect(), why))
    }
}
