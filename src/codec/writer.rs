//! Messages into the bytes that a transport sends.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_stream::Stream;
use tonic::Status;

use super::{Compression, Encode, PREFIX};

/// How many encoded bytes may gather before they are handed to the transport: one HTTP/2 frame of the
/// usual size. The transport keeps two of these in hand beyond the window of the stream, so this
/// bounds how far a stream runs ahead of a reader that does not read.
const BATCH_BYTES: usize = 16 * 1024;

/// How many messages may gather likewise, however small they are. h2 gives each frame of 256 bytes and more
/// a write of its own, so that many small ones go together; and the first of them waits for the last.
const BATCH_MESSAGES: usize = 256;

/// Encodes messages as they are sent in one call.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    pub(crate) compression: Option<Compression>,
    /// The largest message, in bytes as it is encoded; `None` for no limit.
    pub(crate) limit: Option<usize>,
    /// What a message is called in errors: `request` or `response`.
    pub(crate) side: &'static str,
}

impl Writer {
    /// Adds `message` and its prefix to `out`, which has nothing added on an error.
    pub(crate) fn write(&self, message: &impl Encode, out: &mut Vec<u8>) -> Result<(), Status> {
        let start = out.len();
        self.begin(message.encoded_len(), out)?;
        message.encode(out);
        self.finish(start, out)
    }

    /// Writes the prefix of a message of `length` bytes.
    fn begin(&self, length: usize, out: &mut Vec<u8>) -> Result<(), Status> {
        let longest = u32::MAX as usize;
        let limit = self.limit.unwrap_or(longest).min(longest);
        let Some(prefix) = u32::try_from(length).ok().filter(|_| length <= limit) else {
            return Err(Status::resource_exhausted(format!(
                "the {} message has {length} bytes, and the limit is {limit}",
                self.side
            )));
        };
        if out.is_empty() {
            // A buffer without a byte to spare becomes `Bytes` as it is.
            out.reserve_exact(PREFIX + length);
        } else {
            out.reserve(PREFIX + length);
        }
        out.push(0);
        out.extend_from_slice(&prefix.to_be_bytes());
        Ok(())
    }

    /// Compresses the message that begins at `start`. An empty one stays as it is.
    fn finish(&self, start: usize, out: &mut Vec<u8>) -> Result<(), Status> {
        let message = start + PREFIX;
        let Some(compression) = self.compression.filter(|_| out.len() > message) else {
            return Ok(());
        };
        let mut packed = Vec::with_capacity(PREFIX + out.len() / 2);
        let length = match compression.compress(&out[message..], &mut packed) {
            Ok(()) => u32::try_from(packed.len()).ok(),
            Err(_) => None,
        };
        out.truncate(start);
        let Some(length) = length else {
            let name = compression.name();
            return Err(Status::internal(format!("cannot compress a message as {name}")));
        };
        out.push(1);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&packed);
        Ok(())
    }
}

/// Writes what a stream has ready to `out`, until that is a batch. `Ready` when the stream has ended.
///
/// Whoever takes the batch polls again: a full one leaves no wake-up behind.
pub(crate) fn write_ready<M, E>(
    mut messages: Pin<&mut dyn Stream<Item = Result<M, E>>>,
    cx: &mut Context<'_>,
    writer: &Writer,
    out: &mut Vec<u8>,
) -> Poll<Result<(), Status>>
where
    M: Encode,
    E: Into<Status>,
{
    for _ in 0..BATCH_MESSAGES {
        match ready!(messages.as_mut().poll_next(cx)) {
            Some(Ok(message)) => writer.write(&message, out)?,
            Some(Err(error)) => return Poll::Ready(Err(error.into())),
            None => return Poll::Ready(Ok(())),
        }
        if out.len() >= BATCH_BYTES {
            break;
        }
    }
    Poll::Pending
}
