//! Messages out of the pieces that a transport delivers.

use bytes::{Buf, Bytes};
use tonic::{Code, Status};

use super::{Compression, PREFIX, budget::Held};
#[cfg(feature = "server")]
use {super::Budget, std::sync::Arc};

/// Finds the messages in what a peer sends, however it is cut.
///
/// A message that lies in one piece is not copied.
#[derive(Debug)]
pub(crate) struct Reader {
    compression: Option<Compression>,
    limit: usize,
    /// The beginning of a message whose rest is to come.
    begun: Vec<u8>,
    /// The last piece, as far as it was not read.
    piece: Bytes,
    held: Held,
    /// How much of that is for messages that were read.
    kept: usize,
}

/// What stands before a message.
struct Prefix {
    is_compressed: bool,
    length: usize,
}

impl Reader {
    pub(crate) fn new(compression: Option<Compression>, limit: usize) -> Self {
        let (begun, piece, held) = Default::default();
        Self { compression, limit, begun, piece, held, kept: 0 }
    }

    /// The same, which holds messages within a budget.
    #[cfg(feature = "server")]
    pub(crate) fn within(self, budget: &Arc<Budget>) -> Self {
        Self { held: Held::of(budget), ..self }
    }

    /// Holds so many bytes of messages that were read, besides those that are being read.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Status> {
        self.kept = bytes;
        self.held.set(self.kept + self.begun.len())
    }

    /// What it holds, for whoever holds on to its messages.
    pub(crate) fn take_held(&mut self) -> Held {
        std::mem::take(&mut self.held)
    }

    /// Takes the next piece, when [`next`](Self::next) has given all of the one before.
    pub(crate) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.piece.is_empty(), "the piece before is not read");
        self.piece = piece;
    }

    /// Whether the peer began a message and did not end it.
    pub(crate) fn is_within_a_message(&self) -> bool {
        !self.begun.is_empty() || !self.piece.is_empty()
    }

    /// The next message without its prefix, unpacked; `None` where it needs more.
    ///
    /// # Errors
    ///
    /// When a message breaks the rules or is too large. Nothing can be read after that.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Status> {
        if self.begun.is_empty() {
            if let Some(prefix) = self.piece.first_chunk::<PREFIX>() {
                let prefix = self.prefix(*prefix)?;
                if self.piece.len() - PREFIX >= prefix.length {
                    self.piece.advance(PREFIX);
                    let message = self.piece.split_to(prefix.length);
                    return self.unpacked(&prefix, message).map(Some);
                }
            }
            self.begun.extend_from_slice(&std::mem::take(&mut self.piece));
            self.held.set(self.kept + self.begun.len())?;
            return Ok(None);
        }
        if !self.gather(PREFIX) {
            return Ok(None);
        }
        let first = *self.begun.first_chunk::<PREFIX>().expect("as many were gathered");
        let prefix = self.prefix(first)?;
        if !self.gather(PREFIX + prefix.length) {
            self.held.set(self.kept + self.begun.len())?;
            return Ok(None);
        }
        self.held.set(self.kept)?;
        let message = Bytes::from(std::mem::take(&mut self.begun)).slice(PREFIX..);
        self.unpacked(&prefix, message).map(Some)
    }

    /// Adds to what has begun until there are `length` bytes of it; whether there are.
    fn gather(&mut self, length: usize) -> bool {
        let missing = length.saturating_sub(self.begun.len()).min(self.piece.len());
        self.begun.extend_from_slice(&self.piece[..missing]);
        self.piece.advance(missing);
        self.begun.len() >= length
    }

    fn prefix(&self, [flag, length @ ..]: [u8; PREFIX]) -> Result<Prefix, Status> {
        let is_compressed = match flag {
            0 => false,
            1 if self.compression.is_some() => true,
            1 => {
                let why = "a compressed message in a call that has no grpc-encoding";
                return Err(Status::internal(why));
            }
            other => {
                let why = format!("invalid compression flag {other}: expected 0 or 1");
                return Err(Status::internal(why));
            }
        };
        let length = u32::from_be_bytes(length) as usize;
        if length > self.limit {
            return Err(self.too_large(&format!("{length} bytes")));
        }
        Ok(Prefix { is_compressed, length })
    }

    fn unpacked(&self, prefix: &Prefix, message: Bytes) -> Result<Bytes, Status> {
        let Some(compression) = self.compression.filter(|_| prefix.is_compressed) else {
            return Ok(message);
        };
        let unpacked = compression.decompress(&message, self.limit).map_err(|error| {
            let name = compression.name();
            Status::internal(format!("cannot unpack a message that was sent as {name}: {error}"))
        })?;
        if unpacked.len() > self.limit {
            return Err(self.too_large(&format!("more than {} bytes unpacked", self.limit)));
        }
        Ok(unpacked.into())
    }

    fn too_large(&self, size: &str) -> Status {
        let limit = self.limit;
        let why = format!("a message of {size} is too large: the limit is {limit} bytes");
        Status::new(Code::ResourceExhausted, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &[u8] = b"\x00\0\0\0\x02ab\x00\0\0\0\x00\x00\0\0\0\x01c";

    /// The messages of `pieces`, and whether another one had begun.
    fn read(pieces: &[&'static [u8]]) -> (Vec<Bytes>, bool) {
        let mut reader = Reader::new(None, 100);
        let mut messages = Vec::new();
        for piece in pieces {
            reader.push(Bytes::from_static(piece));
            while let Some(message) = reader.next().unwrap() {
                messages.push(message);
            }
        }
        (messages, reader.is_within_a_message())
    }

    #[test]
    fn messages_are_found_wherever_the_data_is_cut() {
        let all = [&b"ab"[..], b"", b"c"];
        for first in 0..=MESSAGES.len() {
            for second in first..=MESSAGES.len() {
                let cut = [&MESSAGES[..first], &MESSAGES[first..second], &MESSAGES[second..]];
                let (messages, within) = read(&cut);
                assert_eq!(messages, all, "cut at {first} and {second}");
                assert!(!within);
            }
        }
        let ends = [0, 7, 12, MESSAGES.len()];
        for end in 0..=MESSAGES.len() {
            assert_eq!(read(&[&MESSAGES[..end]]).1, !ends.contains(&end), "after {end}");
        }
    }

    #[test]
    fn a_length_alone_takes_no_memory() {
        let mut reader = Reader::new(None, usize::MAX);
        reader.push(Bytes::from_static(b"\x00\xff\xff\xff\xffx"));
        assert!(reader.next().unwrap().is_none());
        assert!(reader.begun.capacity() < 100, "{}", reader.begun.capacity());
    }
}
