//! Messages as bytes: encode, compress, five bytes in front; and back.

use bytes::{Buf, Bytes};
use traitwire::{Message, Status};
use wire::gzip;
pub(crate) use wire::message::PREFIX;

/// The longest answer that is taken.
const MAX_RECV: usize = 4 * 1024 * 1024;

/// How messages are compressed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// What `grpc-encoding` says.
    pub(crate) fn of(name: Option<&[u8]>) -> Result<Self, Status> {
        match name {
            None | Some(b"identity") => Ok(Self::Identity),
            Some(b"gzip") => Ok(Self::Gzip),
            Some(other) => {
                let other = String::from_utf8_lossy(other);
                Err(Status::unimplemented(format!("no decompressor for grpc-encoding `{other}`")))
            }
        }
    }
}

// 4. The task that sends does all of this work. The connection's task only copies bytes.
/// Encodes and compresses a message, and puts five bytes in front.
pub(crate) fn prepare_msg(
    message: &impl Message,
    encoding: Encoding,
) -> Result<[Bytes; 2], Status> {
    let encoded = Bytes::from(message.encode_to_vec());
    let (payload, compressed) = match encoding {
        // Nothing does not get shorter.
        Encoding::Gzip if !encoded.is_empty() => (gzip::compress(&encoded).into(), true),
        _ => (encoded, false),
    };
    let length = u32::try_from(payload.len())
        .map_err(|_| Status::resource_exhausted("a message of more than 4 GiB"))?;
    let flag = u8::from(compressed);
    wire::step!(4, "prepare_msg: {length} bytes, {flag:02x} {length:08x} in front");
    let [a, b, c, d] = length.to_be_bytes();
    Ok([Bytes::copy_from_slice(&[flag, a, b, c, d]), payload])
}

/// What the five bytes say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    compressed: bool,
    pub(crate) length: usize,
}

impl Head {
    /// Reads the five bytes. A message that is too long is refused before there is any room for it.
    pub(crate) fn read(mut bytes: impl Buf) -> Result<Self, Status> {
        let compressed = match bytes.get_u8() {
            0 => false,
            1 => true,
            other => return Err(Status::internal(format!("a message with the flag {other}"))),
        };
        let length = bytes.get_u32() as usize;
        if length > MAX_RECV {
            let why = format!("a message of {length} bytes came, the limit is {MAX_RECV}");
            return Err(Status::resource_exhausted(why));
        }
        Ok(Self { compressed, length })
    }

    /// Decompresses a message that says so, and decodes it.
    pub(crate) fn unpack<M: Message>(
        self,
        mut bytes: Bytes,
        encoding: Encoding,
    ) -> Result<M, Status> {
        if self.compressed {
            let Encoding::Gzip = encoding else {
                return Err(Status::internal("a compressed message, and no grpc-encoding"));
            };
            let message = gzip::decompress(&bytes, MAX_RECV)
                .map_err(|error| Status::internal(format!("cannot decompress: {error}")))?;
            let too_long = || Status::resource_exhausted("a message that is too long, compressed");
            bytes = message.ok_or_else(too_long)?.into();
        }
        M::decode(bytes).map_err(|error| Status::internal(format!("cannot decode: {error}")))
    }
}
