//! Exercise 18: fair turns.
//!
//! One task writes for all streams of a connection. This one sends whatever it has for the lowest
//! stream, in one frame, and asks no window: so a long message holds up every other call, and the
//! peer ends the connection. Let it write, at each call of `next_frame`,
//!
//! - a frame of the stream whose turn it is: a stream that gets something to send stands at the end
//!   of the line, and goes there again after each of its frames while something is left;
//! - no longer than a frame may be, than the stream's window and than the connection's;
//! - `end_stream` on the last frame of a message only.
//!
//! A stream whose window is used up leaves the line, and stands in it again when the window opens.
//!
//! ```sh
//! cargo xtask check 18
//! ```

use std::collections::{BTreeMap, VecDeque};

/// The longest DATA frame, and how much a peer takes at first: on a stream, and on all of them.
pub const MAX_FRAME_SIZE: usize = 100;
pub const STREAM: usize = 250;
pub const CONNECTION: usize = 1_000;

/// A DATA frame of so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    pub stream: u32,
    pub length: usize,
    pub end_stream: bool,
}

/// What is to be written, and how much the peer takes.
pub struct Writer {
    streams: BTreeMap<u32, Stream>,
    /// The streams that may write, in turn.
    line: VecDeque<u32>,
    window: usize,
}

/// A stream that has not ended.
struct Stream {
    /// How much of its message is to be written.
    left: usize,
    window: usize,
}

impl Writer {
    pub fn new() -> Self {
        Self { streams: BTreeMap::new(), line: VecDeque::new(), window: CONNECTION }
    }

    /// A call has one message to send, of `length` bytes, one at least, and then ends its side.
    pub fn put(&mut self, stream: u32, length: usize) {
        self.streams.insert(stream, Stream { left: length, window: STREAM });
    }

    /// The peer takes so much more on a stream; on the connection, when it is 0.
    pub fn window_update(&mut self, stream: u32, increment: usize) {
        if stream == 0 {
            self.window += increment;
        } else if let Some(open) = self.streams.get_mut(&stream) {
            open.window += increment;
        }
    }

    /// The next frame to write; `None` when nothing can be written now.
    pub fn next_frame(&mut self) -> Option<Data> {
        let (stream, Stream { left: length, .. }) = self.streams.pop_first()?;
        Some(Data { stream, length, end_stream: true })
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}
