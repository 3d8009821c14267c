//! HPACK, RFC 7541: how fields are compressed. In this folder a bare "§" is a section of RFC 7541.
//!
//! Both sides of a direction remember the same fields in the same order, so a block can name one by a number
//! instead of saying it again. It follows that blocks must be decoded in the order in which they were encoded,
//! all of them, also those of streams that nobody wants any more.
//!
//! ```
//! use traitwire_http2::{Fields, hpack::{Decoder, Encoder}};
//!
//! let request = Fields::from_iter([(":method", "POST"), ("grpc-encoding", "gzip")]);
//! let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
//! let mut lengths = Vec::new();
//! for _ in 0..2 {
//!     let mut block = Vec::new();
//!     encoder.encode(&request, &mut block);
//!     lengths.push(block.len());
//!     assert_eq!(decoder.decode(&block)?, request);
//! }
//! assert_eq!(lengths, [17, 2]);
//! # Ok::<(), traitwire_http2::hpack::DecodeError>(())
//! ```

mod block;
mod decoder;
mod encoder;
mod huffman;
mod integer;
mod static_table;
mod table;

pub use self::{
    block::FieldBlock,
    decoder::{DecodeError, Decoder},
    encoder::Encoder,
};

/// What each field costs beside its name and value, in a table (§4.1) and in a list (RFC 9113 §6.5.2).
pub(crate) const FIELD_OVERHEAD: usize = 32;

/// The size of a table before anybody says otherwise (RFC 9113 §6.5.2).
pub(crate) const DEFAULT_TABLE_SIZE: usize = 4_096;
