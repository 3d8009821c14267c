//! Exercise 18, solved.

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
        self.line.push_back(stream);
    }

    /// The peer takes so much more on a stream; on the connection, when it is 0.
    pub fn window_update(&mut self, stream: u32, increment: usize) {
        if stream == 0 {
            self.window += increment;
        } else if let Some(open) = self.streams.get_mut(&stream) {
            // It stands in the line already, unless its window was used up.
            if open.window == 0 {
                self.line.push_back(stream);
            }
            open.window += increment;
        }
    }

    /// The next frame to write; `None` when nothing can be written now.
    pub fn next_frame(&mut self) -> Option<Data> {
        if self.window == 0 {
            return None;
        }
        let stream = self.line.pop_front()?;
        let open = self.streams.get_mut(&stream)?;
        let length = open.left.min(MAX_FRAME_SIZE).min(open.window).min(self.window);
        open.left -= length;
        open.window -= length;
        self.window -= length;
        let end_stream = open.left == 0;
        if end_stream {
            self.streams.remove(&stream);
        } else if open.window > 0 {
            self.line.push_back(stream);
        }
        Some(Data { stream, length, end_stream })
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}
