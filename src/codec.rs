//! Messages as bytes: a prefix of five bytes and the message, as the gRPC specification has it
//! (PROTOCOL-HTTP2.md, "Length-Prefixed-Message").

mod budget;
mod compression;
mod encode;
mod reader;
mod writer;

#[cfg(feature = "server")]
pub(crate) use self::budget::Budget;
pub(crate) use self::budget::Held;
pub use self::compression::Compression;
pub(crate) use self::{
    compression::Compressions,
    encode::{Encode, Lent},
    reader::Reader,
    writer::{Writer, write_ready},
};

/// A byte that says whether the message is compressed, and its length in four, the highest first.
pub(crate) const PREFIX: usize = 5;

/// The largest message that is read unless another limit is set, as in tonic and in grpc-go.
pub(crate) const MAX_DECODING_MESSAGE_SIZE: usize = 4 * 1024 * 1024;

/// The lengths of the messages that lie behind their prefixes in `framed`.
pub(crate) fn frames(mut framed: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let ([_, length @ ..], rest) = framed.split_first_chunk::<PREFIX>()?;
        let length = u32::from_be_bytes(*length) as usize;
        framed = rest.get(length..)?;
        Some(length)
    })
}
