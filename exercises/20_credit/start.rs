//! Exercise 20: credit.
//!
//! A peer may send so much on each stream, and so much on the connection. What is done with goes back
//! to it as credit, in a WINDOW_UPDATE, and the credit of the two is not the same:
//!
//! | what happens | credit for |
//! |---|---|
//! | the application reads a part of a stream | the stream, and the connection |
//! | it drops a stream of which something is unread | the connection, for what is unread |
//! | DATA comes for a stream that was dropped | the connection, at once |
//!
//! `Receiver` knows of streams only, so its connection stands still after 1,500 bytes; and it sends
//! a frame for every read, however small. Let it give both their credit, and only when no less is
//! owed than the peer has left. A WINDOW_UPDATE of 0 is an error in HTTP/2.
//!
//! ```sh
//! cargo xtask check 20
//! ```

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
}

impl Window {
    fn new(size: u32) -> Self {
        Self { left: size }
    }

    /// So many bytes have come.
    fn take(&mut self, length: u32) -> Result<(), Overflow> {
        self.left = self.left.checked_sub(length).ok_or(Overflow)?;
        Ok(())
    }

    /// So many bytes are done with. Returns what to tell the peer, if it is worth a frame.
    fn give_back(&mut self, length: u32) -> Option<u32> {
        self.left += length;
        Some(length)
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
        let Some(open) = self.streams.get_mut(&stream) else { return Ok(Vec::new()) };
        open.window.take(length)?;
        open.unread += length;
        Ok(Vec::new())
    }

    /// The application has read so much of a stream.
    pub fn read(&mut self, stream: u32, length: u32) -> Vec<WindowUpdate> {
        let Some(open) = self.streams.get_mut(&stream) else { return Vec::new() };
        open.unread -= length;
        let increment = open.window.give_back(length);
        increment.map(|increment| WindowUpdate { stream, increment }).into_iter().collect()
    }

    /// The application drops a stream. The peer is told to stop, so the stream needs no credit.
    pub fn drop_stream(&mut self, stream: u32) -> Vec<WindowUpdate> {
        self.streams.remove(&stream);
        Vec::new()
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}
