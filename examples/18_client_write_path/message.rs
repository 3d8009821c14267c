//! Messages as bytes: encode, compress, five bytes in front; and back.

use bytes::{Buf, Bytes};
use traitwire::{Message, Status};
use wire::gzip;
pub use wire::message::PREFIX;

/// The longest answer that is taken, unless the call says otherwise.
pub const MAX_RECV: usize = 4 * 1024 * 1024;

/// How messages are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Encoding {
    #[default]
    Identity,
    Gzip,
}

impl Encoding {
    /// The value of `grpc-encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
        }
    }

    /// The encoding of this name.
    pub fn of(name: &[u8]) -> Result<Self, Status> {
        match name {
            b"identity" => Ok(Self::Identity),
            b"gzip" => Ok(Self::Gzip),
            other => {
                let other = String::from_utf8_lossy(other);
                Err(Status::unimplemented(format!("no decompressor for grpc-encoding `{other}`")))
            }
        }
    }
}

/// A message that is ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The five bytes in front.
    pub head: [u8; PREFIX],
    /// The message.
    pub payload: Bytes,
}

impl Prepared {
    /// How many bytes it is on the wire.
    pub fn size(&self) -> usize {
        PREFIX + self.payload.len()
    }
}

// 4. The task that sends does all of this work. The connection's task only copies bytes.
/// Encodes and compresses a message, and puts five bytes in front.
pub fn prepare_msg(
    message: &impl Message,
    encoding: Encoding,
    max: usize,
) -> Result<Prepared, Status> {
    let encoded = Bytes::from(message.encode_to_vec());
    let (payload, compressed) = match encoding {
        // Nothing does not get shorter.
        Encoding::Gzip if !encoded.is_empty() => (gzip::compress(&encoded).into(), true),
        _ => (encoded, false),
    };
    let length = payload.len();
    if length > max || u32::try_from(length).is_err() {
        let max = max.min(u32::MAX as usize);
        let why = format!("the message has {length} bytes, the limit is {max}");
        return Err(Status::resource_exhausted(why));
    }
    let head = msg_header(length as u32, compressed);
    wire::step!(4, "prepare_msg: {length} bytes, {} in front", hex(&head));
    Ok(Prepared { head, payload })
}

/// The five bytes in front of a message: whether it is compressed, and how long it is.
pub fn msg_header(length: u32, compressed: bool) -> [u8; PREFIX] {
    let [a, b, c, d] = length.to_be_bytes();
    [u8::from(compressed), a, b, c, d]
}

/// What the five bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whether the message is compressed.
    pub compressed: bool,
    /// How long it is.
    pub length: usize,
}

impl Head {
    /// Reads the five bytes. A message longer than `max` is refused before there is any room for it.
    pub fn read(mut bytes: impl Buf, max: usize) -> Result<Self, Status> {
        let compressed = match bytes.get_u8() {
            0 => false,
            1 => true,
            other => return Err(Status::internal(format!("a message with the flag {other}"))),
        };
        let length = bytes.get_u32() as usize;
        if length > max {
            let why = format!("a message of {length} bytes came, the limit is {max}");
            return Err(Status::resource_exhausted(why));
        }
        Ok(Self { compressed, length })
    }
}

/// Decompresses a message that says so, and decodes it.
pub fn unpack<M: Message>(
    bytes: Bytes,
    compressed: bool,
    encoding: Encoding,
    max: usize,
) -> Result<M, Status> {
    let bytes = match (compressed, encoding) {
        (false, _) => bytes,
        (true, Encoding::Gzip) => decompress(&bytes, max)?,
        (true, Encoding::Identity) => {
            return Err(Status::internal("a compressed message, and no grpc-encoding"));
        }
    };
    M::decode(bytes).map_err(|error| Status::internal(format!("cannot decode: {error}")))
}

fn decompress(bytes: &[u8], max: usize) -> Result<Bytes, Status> {
    let message = gzip::decompress(bytes, max)
        .map_err(|error| Status::internal(format!("cannot decompress: {error}")))?;
    message.map(Bytes::from).ok_or_else(|| {
        let why = format!("a message of more than {max} bytes came, compressed");
        Status::resource_exhausted(why)
    })
}

fn hex(bytes: &[u8; PREFIX]) -> String {
    let [flag, length @ ..] = bytes;
    format!("{flag:02x} {:08x}", u32::from_be_bytes(*length))
}
