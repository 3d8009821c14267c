//! Exercise 20, solved.

use std::collections::HashMap;

/// How much a peer may send before any of it is read: on a stream, and on all of them together.
pub const STREAM: u32 = 1_000;
pub const CONNECTION: u32 = 1_500;

/// Credit for the peer: it may send so many bytes more on this stream. 0 is the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowUpdate {
    pub stream: u32,
    pub increment: u32,
}

/// The peer sent more than it may: FLOW_CONTROL_ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// The receiving side of a connection.
pub struct Receiver {
    connection: Window,
    streams: HashMap<u32, Stream>,
}

/// A stream that somebody reads.
struct Stream {
    window: Window,
    /// What has come and was not read.
    unread: u32,
}

/// What a peer may send.
struct Window {
    /// How much it may still send.
    left: u32,
    /// How much of the rest may be sent again, and the peer does not know yet.
    owed: u32,
}

impl Window {
    fn new(size: u32) -> Self {
        Self { left: size, owed: 0 }
    }

    /// So many bytes have come.
    fn take(&mut self, length: u32) -> Result<(), Overflow> {
        self.left = self.left.checked_sub(length).ok_or(Overflow)?;
        Ok(())
    }

    /// So many bytes are done with. Returns what to tell the peer, if it is worth a frame.
    fn give_back(&mut self, length: u32) -> Option<u32> {
        self.owed += length;
        if self.owed == 0 || self.owed < self.left {
            return None;
        }
        self.left += self.owed;
        Some(std::mem::take(&mut self.owed))
    }
}

impl Receiver {
    pub fn new() -> Self {
        Self { connection: Window::new(CONNECTION), streams: HashMap::new() }
    }

    /// A call begins.
    pub fn open(&mut self, stream: u32) {
        self.streams.insert(stream, Stream { window: Window::new(STREAM), unread: 0 });
    }

    /// A DATA frame has come.
    pub fn data(&mut self, stream: u32, length: u32) -> Result<Vec<WindowUpdate>, Overflow> {
        self.connection.take(length)?;
        let Some(open) = self.streams.get_mut(&stream) else {
            // It was sent before the peer knew that nobody reads it.
            return Ok(self.give_back(length));
        };
        open.window.take(length)?;
        open.unread += length;
        Ok(Vec::new())
    }

    /// The application has read so much of a stream.
    pub fn read(&mut self, stream: u32, length: u32) -> Vec<WindowUpdate> {
        let Some(open) = self.streams.get_mut(&stream) else { return Vec::new() };
        open.unread -= length;
        let increment = open.window.give_back(length);
        let mut updates = self.give_back(length);
        updates.extend(increment.map(|increment| WindowUpdate { stream, increment }));
        updates
    }

    /// The application drops a stream. The peer is told to stop, so the stream needs no credit.
    pub fn drop_stream(&mut self, stream: u32) -> Vec<WindowUpdate> {
        let unread = self.streams.remove(&stream).map_or(0, |open| open.unread);
        self.give_back(unread)
    }

    /// The connection has room for so much again.
    fn give_back(&mut self, length: u32) -> Vec<WindowUpdate> {
        let increment = self.connection.give_back(length);
        increment.map(|increment| WindowUpdate { stream: 0, increment }).into_iter().collect()
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}
