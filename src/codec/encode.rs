//! What can be written as a message.

use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len},
};

/// A message as it is written: one of prost's, or what travels in a wrapper message of
/// `google.protobuf`, a text as `StringValue` and bytes as `BytesValue`.
pub trait Encode {
    /// How many bytes [`encode`](Self::encode) adds.
    fn encoded_len(&self) -> usize;
    /// Adds the message to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

impl<M: Message> Encode for M {
    fn encoded_len(&self) -> usize {
        Message::encoded_len(self)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.encode_raw(out);
    }
}

/// The number of the one field of a wrapper message.
const VALUE: u32 = 1;

impl Encode for [u8] {
    fn encoded_len(&self) -> usize {
        match self.len() {
            0 => 0,
            length => key_len(VALUE) + encoded_len_varint(length as u64) + length,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        if !self.is_empty() {
            encode_key(VALUE, WireType::LengthDelimited, out);
            encode_varint(self.len() as u64, out);
            out.extend_from_slice(self);
        }
    }
}

impl Encode for str {
    fn encoded_len(&self) -> usize {
        self.as_bytes().encoded_len()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_bytes().encode(out);
    }
}

/// A message that the caller keeps.
pub struct Lent<'a, T: ?Sized>(pub &'a T);

impl<T: Encode + ?Sized> Encode for Lent<'_, T> {
    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}
