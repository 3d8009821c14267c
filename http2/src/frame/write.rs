//! Frames as bytes.

use super::{Frame, Head, Kind, StreamId, flags};
use crate::error::Reason;

impl Frame<'_> {
    /// Writes it behind what is there. It has no padding.
    ///
    /// # Panics
    ///
    /// Where nothing of its kind is ever sent: PRIORITY, PUSH_PROMISE, and what is unknown. Also when the
    /// payload has 2^24 bytes or more.
    pub fn write(&self, out: &mut Vec<u8>) {
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let mut put = |kind, flags, stream, payload: &[u8]| {
            let length = u32::try_from(payload.len()).ok().filter(|it| *it < 1 << 24);
            let length = length.expect("a payload is shorter than 2^24 bytes");
            out.extend(Head { length, kind, flags, stream }.to_bytes());
            out.extend(payload);
        };
        let connection = StreamId::CONNECTION;
        match *self {
            Self::Data { stream, data, end_stream } => {
                put(Kind::DATA, flag(end_stream, flags::END_STREAM), stream, data);
            }
            Self::Headers { stream, fragment, end_stream, end_headers } => {
                let flags =
                    flag(end_stream, flags::END_STREAM) | flag(end_headers, flags::END_HEADERS);
                put(Kind::HEADERS, flags, stream, fragment);
            }
            Self::RstStream { stream, reason } => {
                put(Kind::RST_STREAM, 0, stream, &reason.0.to_be_bytes());
            }
            Self::Settings(settings) => put(Kind::SETTINGS, 0, connection, &settings.to_bytes()),
            Self::SettingsAck => put(Kind::SETTINGS, flags::ACK, connection, &[]),
            Self::Ping { ack, payload } => {
                put(Kind::PING, flag(ack, flags::ACK), connection, &payload);
            }
            Self::GoAway { last_stream, reason, debug } => {
                put(Kind::GOAWAY, 0, connection, &goaway(last_stream, reason, debug));
            }
            Self::WindowUpdate { stream, increment } => {
                put(Kind::WINDOW_UPDATE, 0, stream, &increment.to_be_bytes());
            }
            Self::Continuation { stream, fragment, end_headers } => {
                let flags = flag(end_headers, flags::END_HEADERS);
                put(Kind::CONTINUATION, flags, stream, fragment);
            }
            Self::Priority { .. } | Self::PushPromise { .. } | Self::Unknown { .. } => {
                unreachable!("it is read and never sent")
            }
        }
    }
}

fn goaway(last_stream: StreamId, reason: Reason, debug: &[u8]) -> Vec<u8> {
    [&last_stream.0.to_be_bytes()[..], &reason.0.to_be_bytes(), debug].concat()
}
