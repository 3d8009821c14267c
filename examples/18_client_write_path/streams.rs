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
    /// How long a header list the server takes.
    pub(crate) max_header_list: usize,
    pub(crate) active: HashMap<u32, Arc<Stream>>,
    reachable: Reachable,
}

/// Whether the connection takes new streams.
#[derive(Debug)]
enum Reachable {
    Yes,
    /// No, but the open ones go on. The server looks at none behind `last_stream`.
    Draining {
        last_stream: u32,
        status: Status,
    },
    Closed(Status),
}

impl Streams {
    pub(crate) fn new() -> Self {
        Self {
            next_id: 1,
            max: DEFAULT_MAX_STREAMS,
            quota: DEFAULT_MAX_STREAMS,
            max_header_list: usize::MAX,
            active: HashMap::new(),
            reachable: Reachable::Yes,
        }
    }

    /// A new stream with the next id, for a header list of this length; `None` when there is no quota
    /// left for it.
    pub(crate) fn check_for_stream_quota(
        &mut self,
        header_list: usize,
    ) -> Result<Option<Arc<Stream>>, Status> {
        if header_list > self.max_header_list {
            let max = self.max_header_list;
            let why = format!("a header list of {header_list} bytes, and the server takes {max}");
            return Err(Status::internal(why));
        }
        if let Reachable::Draining { status, .. } | Reachable::Closed(status) = &self.reachable {
            return Err(status.clone());
        }
        if self.next_id > MAX_STREAM_ID {
            return Err(Status::unavailable("the ids of the connection are used up"));
        }
        if self.quota <= 0 {
            return Ok(None);
        }
        self.quota -= 1;
        let stream = Arc::new(Stream::new(self.next_id));
        self.next_id += 2;
        self.active.insert(stream.id, stream.clone());
        Ok(Some(stream))
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

    /// Takes no new streams. Returns those that the server will not look at; `None` when it takes
    /// back what it has said before.
    pub(crate) fn drain(&mut self, last_stream: u32, status: Status) -> Option<Vec<Arc<Stream>>> {
        match &self.reachable {
            Reachable::Closed(_) => return Some(Vec::new()),
            Reachable::Draining { last_stream: before, .. } if last_stream > *before => {
                return None;
            }
            _ => self.reachable = Reachable::Draining { last_stream, status },
        }
        let unprocessed = self.active.values().filter(|stream| stream.id > last_stream);
        Some(unprocessed.cloned().collect())
    }

    /// Takes no new streams, because nothing can be written. The server may have said why.
    pub(crate) fn lose(&mut self, status: Status) {
        if let Reachable::Yes = self.reachable {
            self.reachable = Reachable::Draining { last_stream: u32::MAX, status };
        }
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
