//! Blocks that are encoded once.

use bytes::Bytes;

use super::{encoder::literal, integer, static_table};
use crate::fields::Fields;

/// A field section that is encoded once and sent many times, such as the head of every good answer.
///
/// It neither uses the dynamic table nor changes it, so it means the same on every connection. It is a few bytes
/// longer than what an [`Encoder`](super::Encoder) makes of a section that repeats, and costs a copy.
///
/// ```
/// use traitwire_http2::{FieldBlock, Fields};
///
/// let fields = [(":status", "200"), ("content-type", "application/grpc")];
/// let head = FieldBlock::new(&Fields::from_iter(fields));
/// assert_eq!(head.as_bytes().len(), 15);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldBlock(Bytes);

impl FieldBlock {
    /// Encodes fields.
    pub fn new(fields: &Fields) -> Self {
        let mut out = Vec::new();
        for field in fields.iter() {
            match static_table::find(field.name, field.value) {
                Some((index, true)) if !field.is_sensitive => {
                    integer::encode(index, 7, 0x80, &mut out);
                }
                found => {
                    let name = found.map(|(index, _)| index);
                    let first = if field.is_sensitive { 0x10 } else { 0 };
                    literal(name, field, 4, first, &mut out);
                }
            }
        }
        Self(out.into())
    }

    /// The block.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
