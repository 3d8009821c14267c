//! The head of a frame, §4.1.

use std::fmt;

/// A stream; 0 is the connection itself (§5.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

impl StreamId {
    /// The connection.
    pub const CONNECTION: Self = Self(0);
    /// The last one that there can be.
    pub const MAX: Self = Self((1 << 31) - 1);

    /// Whether clients begin streams of this number.
    pub const fn is_clients(self) -> bool {
        self.0 % 2 == 1
    }

    /// Reads four bytes. The reserved bit is ignored (§4.1).
    pub(crate) fn read(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes) & Self::MAX.0)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The kind of a frame, §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u8);

#[allow(missing_docs, reason = "they are named and explained by the RFC")]
impl Kind {
    pub const DATA: Self = Self(0);
    pub const HEADERS: Self = Self(1);
    pub const PRIORITY: Self = Self(2);
    pub const RST_STREAM: Self = Self(3);
    pub const SETTINGS: Self = Self(4);
    pub const PUSH_PROMISE: Self = Self(5);
    pub const PING: Self = Self(6);
    pub const GOAWAY: Self = Self(7);
    pub const WINDOW_UPDATE: Self = Self(8);
    pub const CONTINUATION: Self = Self(9);
}

/// The flags of frames. Which of them a frame may have depends on its [`Kind`]; others are ignored (§4.1).
#[allow(missing_docs, reason = "they are named and explained by the RFC")]
pub mod flags {
    pub const ACK: u8 = 0x1;
    pub const END_STREAM: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
    pub const PRIORITY: u8 = 0x20;
}

/// What a frame begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How long the payload is: 24 bits.
    pub length: u32,
    /// What it is.
    pub kind: Kind,
    /// Its [`flags`].
    pub flags: u8,
    /// The stream that it belongs to.
    pub stream: StreamId,
}

impl Head {
    /// How many bytes it has.
    pub const LENGTH: usize = 9;

    /// Reads it.
    pub fn read(bytes: &[u8; Self::LENGTH]) -> Self {
        let &[l0, l1, l2, kind, flags, stream @ ..] = bytes;
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind: Kind(kind),
            flags,
            stream: StreamId::read(stream),
        }
    }

    /// The bytes that say so.
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.0.to_be_bytes();
        [l0, l1, l2, self.kind.0, self.flags, s0, s1, s2, s3]
    }

    /// Whether it has a flag.
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}
