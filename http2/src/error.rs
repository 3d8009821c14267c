//! What can go wrong: for a connection, for one stream (§5.4), and for the caller of this crate.

use std::{error::Error, fmt};

use crate::frame::StreamId;

/// Why a stream was reset or a connection ends: an error code, §7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(pub u32);

macro_rules! reasons {
    ($($name:ident = $code:literal,)*) => {
        #[allow(missing_docs, reason = "they are named and explained by the RFC")]
        impl Reason {
            $(pub const $name: Self = Self($code);)*
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($code => f.pad(stringify!($name)),)*
                    unknown => f.pad(&format!("0x{unknown:02x}")),
                }
            }
        }
    };
}

reasons! {
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

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The peer broke a rule, or used up what it may cost, so that the connection cannot go on (§5.4.1).
///
/// The GOAWAY that says so is in the output when this is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionError {
    /// The error code of the GOAWAY.
    pub reason: Reason,
    /// Which rule, for a person who reads a log. The peer gets it as the debug data of the GOAWAY.
    pub detail: &'static str,
}

impl ConnectionError {
    pub(crate) const fn new(reason: Reason, detail: &'static str) -> Self {
        Self { reason, detail }
    }

    pub(crate) const fn protocol(detail: &'static str) -> Self {
        Self::new(Reason::PROTOCOL_ERROR, detail)
    }

    /// What is not wrong in itself, but too much of it.
    pub(crate) const fn excess(detail: &'static str) -> Self {
        Self::new(Reason::ENHANCE_YOUR_CALM, detail)
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl Error for ConnectionError {}

/// A frame that cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends.
    Connection(ConnectionError),
    /// The stream is reset, and the others go on (§5.4.2).
    Stream(StreamId, Reason),
}

impl From<ConnectionError> for Fault {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(error)
    }
}

/// Why a request could not be [begun](crate::Connection::begin). Nothing of it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BeginError {
    /// The server allows no more streams at once (§5.1.2). One that ends makes room.
    TooManyStreams,
    /// One of the two sides has sent GOAWAY (§6.8), or the connection has failed.
    GoingAway,
    /// All identifiers of streams have been used (§5.1.1).
    OutOfStreams,
    /// Only a client begins requests.
    NotAClient,
}

impl fmt::Display for BeginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyStreams => "the server allows no more streams at once",
            Self::GoingAway => "the connection takes no more streams",
            Self::OutOfStreams => "all identifiers of streams have been used",
            Self::NotAClient => "only a client begins requests",
        })
    }
}

impl Error for BeginError {}

/// Why something could not be sent on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The stream was reset, or has ended on this side.
    Closed,
    /// DATA and trailers come after a head, and a final head comes once (§8.1).
    OutOfOrder,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the stream is closed for sending",
            Self::OutOfOrder => "a head is sent once, and before DATA and trailers",
        })
    }
}

impl Error for SendError {}
