//! Bytes that were read, cut into frames.

use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use crate::{
    error::{ConnectionError, Reason},
    frame::{Head, PREFACE},
};

/// How much is read at once.
const READ: usize = 16 << 10;

/// Data below this is copied. Whoever keeps a piece of the buffer keeps all of the buffer, so that a peer could
/// have sixteen kilobytes kept for a few bytes of each stream.
const COPIED: usize = READ / 16;

#[derive(Debug, Default)]
pub(super) struct Input {
    buffer: BytesMut,
    /// What of the preface is still to come.
    preface: &'static [u8],
}

impl Input {
    pub(super) fn after_preface() -> Self {
        Self { buffer: BytesMut::new(), preface: PREFACE }
    }

    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        if self.buffer.capacity() - self.buffer.len() < READ / 4 {
            self.buffer.reserve(READ);
        }
        &mut self.buffer
    }

    /// The head of the next frame, when all of the frame is there.
    pub(super) fn head(&mut self, max_frame_size: u32) -> Result<Option<Head>, ConnectionError> {
        if !self.preface.is_empty() {
            let length = self.preface.len().min(self.buffer.len());
            // Judged at the first byte that differs (§3.4).
            if self.buffer[..length] != self.preface[..length] {
                return Err(ConnectionError::protocol("no preface of HTTP/2"));
            }
            self.buffer.advance(length);
            self.preface = &self.preface[length..];
        }
        let Some(head) = self.buffer.first_chunk() else { return Ok(None) };
        let head = Head::read(head);
        // Before the payload, so that nobody can have more of it kept (§4.2).
        if head.length > max_frame_size {
            let detail = "a frame is longer than MAX_FRAME_SIZE";
            return Err(ConnectionError::new(Reason::FRAME_SIZE_ERROR, detail));
        }
        let is_whole = self.buffer.len() >= Head::LENGTH + head.length as usize;
        Ok(is_whole.then_some(head))
    }

    pub(super) fn payload(&self, head: &Head) -> &[u8] {
        &self.buffer[Head::LENGTH..][..head.length as usize]
    }

    /// Goes behind a frame.
    pub(super) fn skip(&mut self, head: &Head) {
        self.buffer.advance(Head::LENGTH + head.length as usize);
    }

    /// Goes behind a frame, and gives a part of its payload.
    pub(super) fn take(&mut self, head: &Head, range: Range<usize>) -> Bytes {
        if range.len() < COPIED {
            let data = Bytes::copy_from_slice(&self.payload(head)[range]);
            self.skip(head);
            return data;
        }
        self.buffer.advance(Head::LENGTH);
        let mut payload = self.buffer.split_to(head.length as usize).freeze();
        payload.truncate(range.end);
        payload.advance(range.start);
        payload
    }
}
