//! Messages as bytes: the five-byte prefix, and compression, on the way in (8) and out (10).
//!
//! A service reads and writes plain messages. Where DATA frames begin and end means nothing: a
//! message may be in several, and several in one.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use traitwire::Status;
use wire::{gzip, message::PREFIX};

/// How the messages of a call may be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    // 8. The encoding of the messages of a request.
    pub(crate) fn of_request(headers: &HeaderMap) -> Result<Self, Status> {
        match headers.get("grpc-encoding").map(HeaderValue::as_bytes) {
            None | Some(b"identity") => Ok(Self::Identity),
            Some(b"gzip") => Ok(Self::Gzip),
            Some(other) => {
                let other = String::from_utf8_lossy(other);
                let text = format!("Decompressor is not installed for grpc-encoding {other:?}");
                let mut status = Status::unimplemented(text);
                let known = "identity,gzip".parse().expect("it is printable");
                status.metadata_mut().insert("grpc-accept-encoding", known);
                Err(status)
            }
        }
    }

    // 10. The encoding of the answer: that of the request, if the caller takes what it sends.
    // grpc-go does not ask; a tonic client may send gzip and not take it.
    pub(crate) fn mirrored(self, request: &HeaderMap) -> Self {
        let accepted = request.get_all("grpc-accept-encoding").iter();
        let mut accepted = accepted.flat_map(|it| it.as_bytes().split(|byte| *byte == b','));
        match accepted.any(|it| it.trim_ascii() == b"gzip") {
            true => self,
            false => Self::Identity,
        }
    }
}

// 8. Takes data as it comes, and gives plain messages.
//
// A message that is plain already passes in pieces. A compressed one must be whole: it is in memory
// once as it came and once as it is, neither of them longer than the limit.
pub(crate) struct Unpack {
    encoding: Encoding,
    limit: usize,
    data: BytesMut,
    /// How much of a plain message is to pass.
    rest: usize,
}

impl Unpack {
    pub(crate) fn new(encoding: Encoding, limit: usize) -> Self {
        Self { encoding, limit, data: BytesMut::new(), rest: 0 }
    }

    pub(crate) fn push(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    /// The next piece; `None` when it takes more data.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Status> {
        if self.rest > 0 && !self.data.is_empty() {
            let piece = self.data.split_to(self.rest.min(self.data.len()));
            self.rest -= piece.len();
            return Ok(Some(piece.freeze()));
        }
        let Some((flag, length)) = prefix(&self.data) else { return Ok(None) };
        match (flag, self.encoding) {
            (0, _) | (1, Encoding::Gzip) => {}
            (1, Encoding::Identity) => {
                return Err(Status::internal(
                    "grpc: compressed flag set with identity or empty encoding",
                ));
            }
            _ => {
                let text = format!("grpc: received unexpected payload format {flag}");
                return Err(Status::internal(text));
            }
        }
        // Five bytes are enough to refuse what would not fit, and nothing is allocated for it.
        if length > self.limit {
            let text =
                format!("grpc: received message larger than max ({length} vs. {})", self.limit);
            return Err(Status::resource_exhausted(text));
        }
        if flag == 0 {
            wire::step!(8, "a message of {length} bytes");
            self.rest = length;
            return Ok(Some(self.data.split_to(PREFIX).freeze()));
        }
        if self.data.len() - PREFIX < length {
            return Ok(None);
        }
        self.data.advance(PREFIX);
        let plain = decompress(&self.data.split_to(length), self.limit)?;
        wire::step!(8, "a message of {length} bytes, decompressed: {}", plain.len());
        let mut message = BytesMut::with_capacity(PREFIX + plain.len());
        put(&mut message, 0, &plain);
        Ok(Some(message.freeze()))
    }

    /// Whether the data may end here: not within a message.
    pub(crate) fn finish(&self) -> Result<(), Status> {
        match self.rest == 0 && self.data.is_empty() {
            true => Ok(()),
            false => Err(Status::internal("grpc: the request ends within a message")),
        }
    }
}

// 10. Takes the plain messages of a service, and gives what goes to the caller.
pub(crate) struct Pack {
    encoding: Encoding,
    data: BytesMut,
}

impl Pack {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, data: BytesMut::new() }
    }

    /// The messages that are whole with this.
    pub(crate) fn pack(&mut self, data: Bytes) -> Result<Bytes, Status> {
        if self.encoding == Encoding::Identity {
            wire::step!(10, "{} bytes of messages", data.len());
            return Ok(data);
        }
        self.data.extend_from_slice(&data);
        let mut packed = BytesMut::new();
        while let Some((flag, length)) = prefix(&self.data) {
            if self.data.len() - PREFIX < length {
                break;
            }
            self.data.advance(PREFIX);
            let message = self.data.split_to(length);
            // There is nothing in an empty message to be made shorter.
            if flag == 0 && length > 0 {
                let compressed = gzip::compress(&message);
                wire::step!(10, "a message of {length} bytes, compressed: {}", compressed.len());
                put(&mut packed, 1, &compressed);
            } else {
                put(&mut packed, flag, &message);
            }
        }
        Ok(packed.freeze())
    }
}

/// The flag and the length at the beginning of `data`, when they are there.
fn prefix(data: &[u8]) -> Option<(u8, usize)> {
    let [flag, length @ ..] = data.first_chunk::<PREFIX>()?;
    Some((*flag, u32::from_be_bytes(*length) as usize))
}

fn put(bytes: &mut BytesMut, flag: u8, message: &[u8]) {
    bytes.put_u8(flag);
    // A message has come behind such a length, or is shorter than one that has.
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.put_slice(message);
}

fn decompress(message: &[u8], limit: usize) -> Result<Vec<u8>, Status> {
    let plain = gzip::decompress(message, limit).map_err(|error| {
        Status::internal(format!("grpc: failed to decompress the received message: {error}"))
    })?;
    plain.ok_or_else(|| {
        let text = format!("grpc: received message after decompression larger than max {limit}");
        Status::resource_exhausted(text)
    })
}
