//! Frames, §4 and §6: nine bytes of head, and a payload whose meaning the head tells.
//!
//! ```
//! use traitwire_http2::{Reason, frame::{Frame, Head, StreamId}};
//!
//! let mut bytes = Vec::new();
//! Frame::RstStream { stream: StreamId(5), reason: Reason::CANCEL }.write(&mut bytes);
//! assert_eq!(bytes, [0, 0, 4, 3, 0, 0, 0, 0, 5, 0, 0, 0, 8]);
//!
//! let (head, payload) = bytes.split_first_chunk().expect("nine bytes");
//! let head = Head::read(head);
//! assert_eq!(head.stream, StreamId(5));
//! assert!(matches!(Frame::read(&head, payload), Ok(Frame::RstStream { .. })));
//! ```

mod head;
mod read;
mod write;

pub(crate) use self::read::data_range;
pub use self::{
    head::{Head, Kind, StreamId, flags},
    read::Malformed,
};
use crate::{error::Reason, settings::Settings};

/// The bytes with which a client begins, §3.4.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame, and what it says. It borrows its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// §6.1. Padding is not part of it, though it counts for flow control.
    Data {
        /// Which stream.
        stream: StreamId,
        /// The bytes.
        data: &'a [u8],
        /// Whether they are the last.
        end_stream: bool,
    },
    /// §6.2. The priority that it may have is deprecated (§5.3.2), and left out.
    Headers {
        /// Which stream.
        stream: StreamId,
        /// A field block, or the beginning of one.
        fragment: &'a [u8],
        /// Whether the sender says nothing after these fields.
        end_stream: bool,
        /// Whether the block ends here. If not, CONTINUATION follows.
        end_headers: bool,
    },
    /// §6.3; deprecated.
    Priority {
        /// Which stream.
        stream: StreamId,
    },
    /// §6.4: the stream ends at once.
    RstStream {
        /// Which stream.
        stream: StreamId,
        /// Why.
        reason: Reason,
    },
    /// §6.5.
    Settings(Settings),
    /// §6.5.3: the settings that were sent are in force.
    SettingsAck,
    /// §6.6. Nobody may send it here, because push is announced as off.
    PushPromise {
        /// The stream that it belongs to.
        stream: StreamId,
    },
    /// §6.7.
    Ping {
        /// Whether it answers one.
        ack: bool,
        /// What the answer repeats.
        payload: [u8; 8],
    },
    /// §6.8: no more streams after this one.
    GoAway {
        /// The last stream that may have been looked at.
        last_stream: StreamId,
        /// Why.
        reason: Reason,
        /// For a person.
        debug: &'a [u8],
    },
    /// §6.9: so many bytes more may be sent.
    WindowUpdate {
        /// Which stream, or the connection.
        stream: StreamId,
        /// How many.
        increment: u32,
    },
    /// §6.10.
    Continuation {
        /// Which stream.
        stream: StreamId,
        /// More of a field block.
        fragment: &'a [u8],
        /// Whether it ends here.
        end_headers: bool,
    },
    /// A frame of an extension, which is ignored (§5.5).
    Unknown {
        /// What it calls itself.
        kind: Kind,
    },
}
