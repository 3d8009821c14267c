//! The frames of HTTP/2, RFC 9113 §4 and §6.
//!
//! A [`Frame`] is nine bytes and a payload, whatever they mean. [`Frame::content`] says what they
//! mean, or which rule they break.
//!
//! ```
//! use wire::frame::{Content, Frame, Reason};
//!
//! let bytes = Frame::rst_stream(5, Reason::CANCEL).to_bytes();
//! assert_eq!(bytes[..], [0, 0, 4, 3, 0, 0, 0, 0, 5, 0, 0, 0, 8]);
//!
//! let frame = Frame::read(&mut bytes.into(), 16_384)?.expect("it is whole");
//! assert_eq!(frame.content()?, Content::RstStream(Reason::CANCEL));
//! # Ok::<(), wire::frame::Malformed>(())
//! ```

use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The bytes with which a client begins, §3.4.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long the head of a frame is.
pub const HEAD: usize = 9;

/// The longest payload that a peer takes who has not said otherwise, §4.2.
pub const MAX_FRAME_SIZE: usize = 16_384;

/// A number of the protocol, with the names that it gives to some of them.
macro_rules! names {
    ($(#[$meta:meta])* $type:ident($number:ty) { $($name:ident = $value:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $number);

        #[allow(missing_docs)]
        impl $type {
            $(pub const $name: Self = Self($value);)*
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($value => f.pad(stringify!($name)),)*
                    unknown => f.pad(&format!("0x{unknown:02x}")),
                }
            }
        }
    };
}

names! {
    /// The kind of a frame, §6.
    Kind(u8) {
        DATA = 0,
        HEADERS = 1,
        PRIORITY = 2,
        RST_STREAM = 3,
        SETTINGS = 4,
        PUSH_PROMISE = 5,
        PING = 6,
        GOAWAY = 7,
        WINDOW_UPDATE = 8,
        CONTINUATION = 9,
    }
}

names! {
    /// A setting, §6.5.2.
    Setting(u16) {
        HEADER_TABLE_SIZE = 1,
        ENABLE_PUSH = 2,
        MAX_CONCURRENT_STREAMS = 3,
        INITIAL_WINDOW_SIZE = 4,
        MAX_FRAME_SIZE = 5,
        MAX_HEADER_LIST_SIZE = 6,
    }
}

names! {
    /// Why a stream was reset or a connection ends: an error code, §7.
    Reason(u32) {
        NO_ERROR = 0,
        PROTOCOL_ERROR = 1,
        INTERNAL_ERROR = 2,
        FLOW_CONTROL_ERROR = 3,
        SETTINGS_TIMEOUT = 4,
        STREAM_CLOSED = 5,
        FRAME_SIZE_ERROR = 6,
        REFUSED_STREAM = 7,
        CANCEL = 8,
        COMPRESSION_ERROR = 9,
        CONNECT_ERROR = 10,
        ENHANCE_YOUR_CALM = 11,
        INADEQUATE_SECURITY = 12,
        HTTP_1_1_REQUIRED = 13,
    }
}

/// The flags of frames. Which of them a frame may have depends on its [`Kind`].
#[allow(missing_docs)]
pub mod flags {
    pub const ACK: u8 = 0x1;
    pub const END_STREAM: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
    pub const PRIORITY: u8 = 0x20;
}

/// A frame: its head, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Its [`flags`].
    pub flags: u8,
    /// The stream that it belongs to; 0 is the connection.
    pub stream: u32,
    /// What follows the head.
    pub payload: Bytes,
}

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Content {
    Data {
        data: Bytes,
        end_stream: bool,
    },
    /// A header block or its beginning, still compressed.
    Headers {
        block: Bytes,
        end_stream: bool,
        end_headers: bool,
    },
    Priority,
    RstStream(Reason),
    Settings(Vec<(Setting, u32)>),
    SettingsAck,
    PushPromise,
    Ping {
        payload: [u8; 8],
        ack: bool,
    },
    Goaway {
        last_stream: u32,
        reason: Reason,
        debug: Bytes,
    },
    WindowUpdate(u32),
    /// More of a header block.
    Continuation {
        block: Bytes,
        end_headers: bool,
    },
    /// A kind that this protocol does not know; to be ignored, §4.1.
    Unknown,
}

/// A frame that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What RFC 9113 has the receiver answer.
    pub reason: Reason,
    /// The stream that ends; 0 when it is the connection.
    pub stream: u32,
    /// Which rule.
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.what)
    }
}

impl std::error::Error for Malformed {}

impl Frame {
    /// A frame of any kind.
    pub fn new(kind: Kind, flags: u8, stream: u32, payload: impl Into<Bytes>) -> Self {
        Self { kind, flags, stream, payload: payload.into() }
    }

    /// DATA, §6.1.
    pub fn data(stream: u32, data: impl Into<Bytes>, end_stream: bool) -> Self {
        let flags = if end_stream { flags::END_STREAM } else { 0 };
        Self::new(Kind::DATA, flags, stream, data)
    }

    /// HEADERS with a whole block, §6.2.
    pub fn headers(stream: u32, block: impl Into<Bytes>, end_stream: bool) -> Self {
        let end = if end_stream { flags::END_STREAM } else { 0 };
        Self::new(Kind::HEADERS, flags::END_HEADERS | end, stream, block)
    }

    /// RST_STREAM, §6.4.
    pub fn rst_stream(stream: u32, reason: Reason) -> Self {
        Self::new(Kind::RST_STREAM, 0, stream, reason.0.to_be_bytes().to_vec())
    }

    /// SETTINGS, §6.5.
    pub fn settings(settings: &[(Setting, u32)]) -> Self {
        let mut payload = BytesMut::with_capacity(settings.len() * 6);
        for (setting, value) in settings {
            payload.put_u16(setting.0);
            payload.put_u32(*value);
        }
        Self::new(Kind::SETTINGS, 0, 0, payload)
    }

    /// The acknowledgement of SETTINGS.
    pub fn settings_ack() -> Self {
        Self::new(Kind::SETTINGS, flags::ACK, 0, Bytes::new())
    }

    /// PING, §6.7.
    pub fn ping(payload: [u8; 8], ack: bool) -> Self {
        let flags = if ack { flags::ACK } else { 0 };
        Self::new(Kind::PING, flags, 0, payload.to_vec())
    }

    /// GOAWAY, §6.8.
    pub fn goaway(last_stream: u32, reason: Reason, debug: &[u8]) -> Self {
        let mut payload = BytesMut::with_capacity(8 + debug.len());
        payload.put_u32(last_stream);
        payload.put_u32(reason.0);
        payload.put_slice(debug);
        Self::new(Kind::GOAWAY, 0, 0, payload)
    }

    /// WINDOW_UPDATE, §6.9.
    pub fn window_update(stream: u32, increment: u32) -> Self {
        Self::new(Kind::WINDOW_UPDATE, 0, stream, increment.to_be_bytes().to_vec())
    }

    /// Takes a frame from the front of `bytes`; `None` when it is not whole yet.
    ///
    /// A payload longer than `max` is refused as soon as the head is there.
    pub fn read(bytes: &mut BytesMut, max: usize) -> Result<Option<Self>, Malformed> {
        let Some(mut head) = bytes.get(..HEAD) else { return Ok(None) };
        let length = head.get_uint(3) as usize;
        let (kind, flags) = (Kind(head.get_u8()), head.get_u8());
        let stream = head.get_u32() & MASK;
        if length > max {
            let what = "a frame longer than SETTINGS_MAX_FRAME_SIZE";
            return Err(Malformed { reason: Reason::FRAME_SIZE_ERROR, stream: 0, what });
        }
        if bytes.len() < HEAD + length {
            return Ok(None);
        }
        bytes.advance(HEAD);
        Ok(Some(Self { kind, flags, stream, payload: bytes.split_to(length).freeze() }))
    }

    /// Appends the frame, as it goes over the wire.
    ///
    /// # Panics
    ///
    /// When the payload is longer than the 24 bits of its length can say.
    pub fn write(&self, bytes: &mut impl BufMut) {
        let length = self.payload.len();
        assert!(length < 1 << 24, "a payload of {length} bytes");
        bytes.put_uint(length as u64, 3);
        bytes.put_u8(self.kind.0);
        bytes.put_u8(self.flags);
        bytes.put_u32(self.stream);
        bytes.put_slice(&self.payload);
    }

    /// The frame alone, as it goes over the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(HEAD + self.payload.len());
        self.write(&mut bytes);
        bytes.freeze()
    }

    /// Whether it has this flag.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What it says, by the rules of §6 for one frame alone.
    pub fn content(&self) -> Result<Content, Malformed> {
        self.check_stream()?;
        let end_stream = self.has(flags::END_STREAM);
        let end_headers = self.has(flags::END_HEADERS);
        let mut payload = self.payload.clone();
        Ok(match self.kind {
            Kind::DATA => Content::Data { data: self.unpadded()?, end_stream },
            Kind::HEADERS => {
                let mut block = self.unpadded()?;
                if self.has(flags::PRIORITY) {
                    if block.len() < 5 {
                        return Err(self.connection(Reason::FRAME_SIZE_ERROR, "HEADERS cut off"));
                    }
                    block.advance(5);
                }
                Content::Headers { block, end_stream, end_headers }
            }
            Kind::PRIORITY => {
                self.check_length(5)?;
                Content::Priority
            }
            Kind::RST_STREAM => {
                self.check_length(4)?;
                Content::RstStream(Reason(payload.get_u32()))
            }
            Kind::SETTINGS if self.has(flags::ACK) => {
                self.check_length(0)?;
                Content::SettingsAck
            }
            Kind::SETTINGS => Content::Settings(self.read_settings()?),
            Kind::PUSH_PROMISE => Content::PushPromise,
            Kind::PING => {
                self.check_length(8)?;
                let payload = payload[..].try_into().expect("eight bytes");
                Content::Ping { payload, ack: self.has(flags::ACK) }
            }
            Kind::GOAWAY if payload.len() < 8 => {
                return Err(self.connection(Reason::FRAME_SIZE_ERROR, "GOAWAY cut off"));
            }
            Kind::GOAWAY => {
                let last_stream = payload.get_u32() & MASK;
                let reason = Reason(payload.get_u32());
                Content::Goaway { last_stream, reason, debug: payload }
            }
            Kind::WINDOW_UPDATE => {
                self.check_length(4)?;
                match payload.get_u32() & MASK {
                    0 => {
                        let what = "WINDOW_UPDATE of nothing";
                        let (reason, stream) = (Reason::PROTOCOL_ERROR, self.stream);
                        return Err(Malformed { reason, stream, what });
                    }
                    increment => Content::WindowUpdate(increment),
                }
            }
            Kind::CONTINUATION => Content::Continuation { block: payload, end_headers },
            _ => Content::Unknown,
        })
    }

    /// Some frames belong to a stream, and some to the connection.
    fn check_stream(&self) -> Result<(), Malformed> {
        let of_connection = match self.kind {
            Kind::SETTINGS | Kind::PING | Kind::GOAWAY => true,
            Kind::DATA
            | Kind::HEADERS
            | Kind::PRIORITY
            | Kind::RST_STREAM
            | Kind::PUSH_PROMISE
            | Kind::CONTINUATION => false,
            _ => return Ok(()),
        };
        match (of_connection, self.stream) {
            (true, 1..) => Err(self.connection(Reason::PROTOCOL_ERROR, "a stream where none is")),
            (false, 0) => Err(self.connection(Reason::PROTOCOL_ERROR, "no stream")),
            _ => Ok(()),
        }
    }

    fn check_length(&self, length: usize) -> Result<(), Malformed> {
        if self.payload.len() == length {
            return Ok(());
        }
        // PRIORITY is the one that only costs its stream, §6.3.
        let stream = if self.kind == Kind::PRIORITY { self.stream } else { 0 };
        let what = "a frame that is longer or shorter than its kind";
        Err(Malformed { reason: Reason::FRAME_SIZE_ERROR, stream, what })
    }

    /// The payload of DATA or HEADERS without the padding.
    fn unpadded(&self) -> Result<Bytes, Malformed> {
        let mut payload = self.payload.clone();
        if !self.has(flags::PADDED) {
            return Ok(payload);
        }
        if payload.is_empty() {
            return Err(self.connection(Reason::FRAME_SIZE_ERROR, "padding cut off"));
        }
        let padding = usize::from(payload.get_u8());
        let Some(length) = payload.len().checked_sub(padding) else {
            return Err(self.connection(Reason::PROTOCOL_ERROR, "more padding than payload"));
        };
        payload.truncate(length);
        Ok(payload)
    }

    fn read_settings(&self) -> Result<Vec<(Setting, u32)>, Malformed> {
        if !self.payload.len().is_multiple_of(6) {
            return Err(self.connection(Reason::FRAME_SIZE_ERROR, "SETTINGS cut off"));
        }
        let mut payload = self.payload.clone();
        let mut settings = Vec::with_capacity(payload.len() / 6);
        while payload.has_remaining() {
            let (setting, value) = (Setting(payload.get_u16()), payload.get_u32());
            let wrong = match setting {
                Setting::ENABLE_PUSH if value > 1 => Some(Reason::PROTOCOL_ERROR),
                Setting::INITIAL_WINDOW_SIZE if value > MASK => Some(Reason::FLOW_CONTROL_ERROR),
                Setting::MAX_FRAME_SIZE if !(1 << 14..1 << 24).contains(&value) => {
                    Some(Reason::PROTOCOL_ERROR)
                }
                _ => None,
            };
            if let Some(reason) = wrong {
                return Err(self.connection(reason, "a setting out of its bounds"));
            }
            settings.push((setting, value));
        }
        Ok(settings)
    }

    fn connection(&self, reason: Reason, what: &'static str) -> Malformed {
        Malformed { reason, stream: 0, what }
    }
}

/// All but the reserved bit.
const MASK: u32 = (1 << 31) - 1;
