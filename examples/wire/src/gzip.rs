//! Messages that gzip made shorter, RFC 1952.

use std::io::{self, Read, Write};

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};

/// Compresses a message.
pub fn compress(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(message).expect("a Vec takes everything");
    encoder.finish().expect("a Vec takes everything")
}

/// Decompresses a message; `None` when it is longer than `limit`.
pub fn decompress(message: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    within(limit, MultiGzDecoder::new(message))
}

/// A few bytes may stand for a gibibyte: reads one byte beyond the limit, and no further.
pub(crate) fn within(limit: usize, decoder: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    decoder.take(limit.saturating_add(1) as u64).read_to_end(&mut message)?;
    Ok((message.len() <= limit).then_some(message))
}
