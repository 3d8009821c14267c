//! The messages of a stream: each has five bytes before it, and may begin and end in any DATA frame.

use bytes::{Buf, Bytes, BytesMut};
use flate2::read::GzDecoder;

use crate::gzip::within;

/// How long the prefix of a message is: a flag and a length.
pub const PREFIX: usize = 5;

/// How long a message may be to be kept, and how much of one is inflated.
pub const KEPT: usize = 256 * 1024;

/// A message, when its last byte has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// 1 when it is compressed, 0 when not.
    pub flag: u8,
    /// How long it is.
    pub length: u32,
    /// The message, unless it was too long to be kept.
    pub bytes: Option<Bytes>,
}

/// Splits the DATA of one direction of a stream into messages.
#[derive(Debug, Default)]
pub struct Messages {
    /// The prefix and what there is of its message; of one that is not kept, the prefix.
    held: BytesMut,
    /// How many bytes of a message that is not kept are to come.
    skip: u32,
}

impl Messages {
    /// Takes some of `data`: all that there is up to the end of a message.
    ///
    /// `room` is how many bytes may be held, by all streams together; a message that does not fit
    /// is counted and not kept.
    pub fn next(&mut self, data: &mut Bytes, room: &mut usize) -> Option<Message> {
        if self.held.len() < PREFIX {
            let missing = PREFIX - self.held.len();
            self.held.extend_from_slice(&data.split_to(missing.min(data.len())));
            if self.held.len() < PREFIX {
                return None;
            }
            // Decided once for a message, when it begins.
            let length = self.length();
            if length as usize > KEPT || length as usize > *room {
                self.skip = length;
            } else {
                *room -= length as usize;
            }
        }
        if self.skip > 0 {
            let skipped = data.len().min(self.skip as usize);
            data.advance(skipped);
            self.skip -= skipped as u32;
            return (self.skip == 0).then(|| {
                let (flag, length) = (self.held[0], self.length());
                self.held.clear();
                Message { flag, length, bytes: None }
            });
        }
        let whole = PREFIX + self.length() as usize;
        let missing = whole - self.held.len();
        self.held.extend_from_slice(&data.split_to(missing.min(data.len())));
        (self.held.len() == whole).then(|| {
            let length = self.length();
            *room += length as usize;
            let mut bytes = std::mem::take(&mut self.held).freeze();
            Message { flag: bytes.get_u8(), length: bytes.get_u32(), bytes: Some(bytes) }
        })
    }

    /// How much there is of a message that is not whole: its bytes with the prefix, and how many it
    /// will have when that is known.
    pub fn part(&self) -> Option<(usize, Option<usize>)> {
        match self.held.len() {
            0 => None,
            held @ ..PREFIX => Some((held, None)),
            held => {
                let whole = PREFIX + self.length() as usize;
                let here = if self.skip > 0 { whole - self.skip as usize } else { held };
                Some((here, Some(whole)))
            }
        }
    }

    /// Gives back what the message took that never became whole.
    pub fn end(self, room: &mut usize) {
        if self.held.len() >= PREFIX && self.skip == 0 {
            *room += self.length() as usize;
        }
    }

    fn length(&self) -> u32 {
        self.held.get(1..PREFIX).map_or(0, |mut it| it.get_u32())
    }
}

/// What gzip made shorter; `None` when it is longer than [`KEPT`].
pub fn inflate(bytes: &[u8]) -> std::io::Result<Option<Bytes>> {
    Ok(within(KEPT, GzDecoder::new(bytes))?.map(Bytes::from))
}
