//! What a connection tells, and what it is told to send.

use bytes::Bytes;

use crate::{
    error::Reason, fields::Fields, frame::StreamId, hpack::FieldBlock, stream::OwnedSection,
};

/// Something that the peer did, or that can be gone on with.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A request, for a server; the head of the answer, for a client.
    Headers {
        /// Which stream.
        stream: StreamId,
        /// The fields, which are those of a message that is not malformed (§8.1.1).
        fields: Fields,
        /// Whether nothing comes after them.
        end_stream: bool,
    },
    /// An informational head (1xx) before the one of the answer (§8.1).
    Informational {
        /// Which stream.
        stream: StreamId,
        /// The fields.
        fields: Fields,
    },
    /// More of the content.
    Data {
        /// Which stream.
        stream: StreamId,
        /// The bytes. The peer may send as many again when they are [released](super::Connection::release).
        data: Bytes,
        /// Whether nothing comes after them.
        end_stream: bool,
    },
    /// The fields after the content. Nothing comes after them.
    Trailers {
        /// Which stream.
        stream: StreamId,
        /// The fields.
        fields: Fields,
    },
    /// The stream is over before its end. Nothing more comes for it, and nothing more can be sent on it.
    Reset {
        /// Which stream.
        stream: StreamId,
        /// Why. REFUSED_STREAM says that the peer has not looked at it, so that it can be tried again (§8.7).
        reason: Reason,
        /// Whether the peer said so; if not, it has broken a rule.
        by_peer: bool,
    },
    /// Everything that was to be sent on the stream until now is in the [output](super::Connection::output).
    Drained {
        /// Which stream.
        stream: StreamId,
    },
    /// The peer said which [settings](super::Connection::peer_settings) it has, at the beginning or anew.
    Settings,
    /// The peer knows our settings.
    SettingsAck,
    /// A [PING](super::Connection::ping) was answered.
    Pong {
        /// What was sent.
        payload: [u8; 8],
    },
    /// The peer takes no streams after this one (§6.8). Those that are lost by that are told one by one, before.
    GoAway {
        /// The last stream that it may have looked at.
        last_stream: StreamId,
        /// Why.
        reason: Reason,
        /// What it says about that.
        debug: Bytes,
    },
}

/// A field section to be sent: fields, which are compressed for this connection, or a block that is
/// [encoded once](FieldBlock) for all of them.
#[derive(Clone, Copy, Debug)]
pub enum Section<'a> {
    /// Fields.
    Fields(&'a Fields),
    /// A block.
    Block(&'a FieldBlock),
}

impl<'a> From<&'a Fields> for Section<'a> {
    fn from(fields: &'a Fields) -> Self {
        Self::Fields(fields)
    }
}

impl<'a> From<&'a FieldBlock> for Section<'a> {
    fn from(block: &'a FieldBlock) -> Self {
        Self::Block(block)
    }
}

impl Section<'_> {
    pub(super) fn to_owned(self) -> OwnedSection {
        match self {
            Self::Fields(fields) => OwnedSection::Fields(fields.clone()),
            Self::Block(block) => OwnedSection::Block(block.clone()),
        }
    }
}
