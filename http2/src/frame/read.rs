//! What the payload of a frame says, §6, and whether it may say so.

use std::ops::Range;

use super::{Frame, Head, Kind, StreamId, flags};
use crate::{
    error::{ConnectionError, Fault, Reason},
    flow::MAX_WINDOW,
    settings::Settings,
};

/// A frame that breaks a rule of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub(crate) Fault);

impl Malformed {
    /// The error code that it is to be answered with.
    pub fn reason(self) -> Reason {
        match self.0 {
            Fault::Connection(error) => error.reason,
            Fault::Stream(_, reason) => reason,
        }
    }
}

impl From<ConnectionError> for Malformed {
    fn from(error: ConnectionError) -> Self {
        Self(error.into())
    }
}

impl<'a> Frame<'a> {
    /// Reads a payload.
    ///
    /// # Errors
    ///
    /// When it breaks a rule that needs nothing but the frame itself to be checked. Where the RFC asks for an
    /// error of the stream and no honest peer can mean it so (a PRIORITY of another length, a stream that
    /// depends on itself), it is one of the connection, as §5.4.2 allows.
    pub fn read(head: &Head, payload: &'a [u8]) -> Result<Self, Malformed> {
        let stream = head.stream;
        match head.kind {
            Kind::DATA => Ok(Self::Data {
                stream,
                data: &payload[data_range(head, payload)?],
                end_stream: head.has(flags::END_STREAM),
            }),
            Kind::HEADERS => Ok(Self::Headers {
                stream,
                fragment: fragment(head, payload)?,
                end_stream: head.has(flags::END_STREAM),
                end_headers: head.has(flags::END_HEADERS),
            }),
            Kind::PRIORITY => {
                of_a_stream(head)?;
                depends_on_another(stream, exactly(payload)?)?;
                Ok(Self::Priority { stream })
            }
            Kind::RST_STREAM => {
                of_a_stream(head)?;
                let reason = Reason(u32::from_be_bytes(*exactly(payload)?));
                Ok(Self::RstStream { stream, reason })
            }
            Kind::SETTINGS => {
                of_the_connection(head)?;
                match (head.has(flags::ACK), payload) {
                    (false, _) => Ok(Self::Settings(Settings::read(payload)?)),
                    (true, []) => Ok(Self::SettingsAck),
                    (true, _) => Err(wrong_size().into()),
                }
            }
            Kind::PUSH_PROMISE => {
                of_a_stream(head)?;
                Ok(Self::PushPromise { stream })
            }
            Kind::PING => {
                of_the_connection(head)?;
                Ok(Self::Ping { ack: head.has(flags::ACK), payload: *exactly(payload)? })
            }
            Kind::GOAWAY => {
                of_the_connection(head)?;
                let Some((&[s0, s1, s2, s3, r0, r1, r2, r3], debug)) = payload.split_first_chunk()
                else {
                    return Err(wrong_size().into());
                };
                let reason = Reason(u32::from_be_bytes([r0, r1, r2, r3]));
                Ok(Self::GoAway { last_stream: StreamId::read([s0, s1, s2, s3]), reason, debug })
            }
            Kind::WINDOW_UPDATE => match u32::from_be_bytes(*exactly(payload)?) & MAX_WINDOW {
                0 if stream == StreamId::CONNECTION => {
                    Err(ConnectionError::protocol("WINDOW_UPDATE of nothing").into())
                }
                0 => Err(Malformed(Fault::Stream(stream, Reason::PROTOCOL_ERROR))),
                increment => Ok(Self::WindowUpdate { stream, increment }),
            },
            Kind::CONTINUATION => {
                of_a_stream(head)?;
                let end_headers = head.has(flags::END_HEADERS);
                Ok(Self::Continuation { stream, fragment: payload, end_headers })
            }
            kind => Ok(Self::Unknown { kind }),
        }
    }
}

/// Where in the payload of a DATA frame the data is.
pub(crate) fn data_range(head: &Head, payload: &[u8]) -> Result<Range<usize>, ConnectionError> {
    of_a_stream(head)?;
    without_padding(head, payload)
}

/// The field block of HEADERS, between its priority and its padding.
fn fragment<'a>(head: &Head, payload: &'a [u8]) -> Result<&'a [u8], ConnectionError> {
    of_a_stream(head)?;
    let payload = &payload[without_padding(head, payload)?];
    if !head.has(flags::PRIORITY) {
        return Ok(payload);
    }
    let (priority, fragment) = payload.split_first_chunk::<5>().ok_or(wrong_size())?;
    depends_on_another(head.stream, priority)?;
    Ok(fragment)
}

/// §6.1: a byte in front says how many bytes of padding are at the end, less than all that follow it.
fn without_padding(head: &Head, payload: &[u8]) -> Result<Range<usize>, ConnectionError> {
    if !head.has(flags::PADDED) {
        return Ok(0..payload.len());
    }
    let padding = usize::from(*payload.first().ok_or(wrong_size())?);
    match payload.len().checked_sub(padding) {
        Some(end) if end >= 1 => Ok(1..end),
        _ => Err(ConnectionError::protocol("more padding than there is payload")),
    }
}

/// RFC 7540 §5.3.1, which is all that is left to check of a priority.
fn depends_on_another(stream: StreamId, priority: &[u8; 5]) -> Result<(), ConnectionError> {
    let &[s0, s1, s2, s3, _weight] = priority;
    if StreamId::read([s0, s1, s2, s3]) == stream {
        return Err(ConnectionError::protocol("a stream that depends on itself"));
    }
    Ok(())
}

fn of_a_stream(head: &Head) -> Result<(), ConnectionError> {
    if head.stream == StreamId::CONNECTION {
        return Err(ConnectionError::protocol("a frame of a stream without a stream"));
    }
    Ok(())
}

fn of_the_connection(head: &Head) -> Result<(), ConnectionError> {
    if head.stream != StreamId::CONNECTION {
        return Err(ConnectionError::protocol("a frame of the connection on a stream"));
    }
    Ok(())
}

fn exactly<const N: usize>(payload: &[u8]) -> Result<&[u8; N], ConnectionError> {
    payload.try_into().map_err(|_| wrong_size())
}

const fn wrong_size() -> ConnectionError {
    ConnectionError::new(Reason::FRAME_SIZE_ERROR, "a frame of a wrong length")
}
