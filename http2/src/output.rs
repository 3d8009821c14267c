//! What is to be written.

use std::{collections::VecDeque, io::IoSlice};

use bytes::{Buf, Bytes};

use crate::{
    Reason,
    frame::{Frame, Head, Kind, StreamId, flags},
};

/// Bytes for the peer, in order: frames lie in one buffer, and large payloads are referred to where they are.
///
/// It is a [`Buf`], so `write_buf` of tokio takes it as it is, with one vectored write for all of it.
#[derive(Debug, Default)]
pub struct Output {
    buffer: Vec<u8>,
    /// How much of the buffer was written.
    read: usize,
    /// The first byte of the buffer, counted from the first one of the connection.
    start: u64,
    /// Payloads, and before which byte of the buffer each belongs.
    payloads: VecDeque<(u64, Bytes)>,
    payload_length: usize,
    /// How many bytes of what is here nobody but the peer has asked for, older and newer, and where in the
    /// buffer they end. Two of them are enough to know it within a factor of two.
    replies: [Replies; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Replies {
    length: usize,
    end: u64,
}

/// Below this a copy is cheaper than another piece of a vectored write.
const COPIED: usize = 1_024;

impl Output {
    /// The bytes that wait because of what the peer did.
    pub(crate) fn replies(&self) -> usize {
        self.replies.iter().map(|it| it.length).sum()
    }

    /// Writes a frame that the peer has caused.
    pub(crate) fn reply(&mut self, frame: Frame<'_>) {
        let before = self.buffer.len();
        frame.write(&mut self.buffer);
        self.note_replies(self.buffer.len() - before);
    }

    /// Counts what was written last as caused by the peer.
    pub(crate) fn note_replies(&mut self, length: usize) {
        let newer = &mut self.replies[1];
        newer.length += length;
        newer.end = self.start + self.buffer.len() as u64;
    }

    pub(crate) fn put(&mut self, frame: Frame<'_>) {
        frame.write(&mut self.buffer);
    }

    pub(crate) fn put_data(&mut self, stream: StreamId, data: Bytes, end_stream: bool) {
        let flags = if end_stream { flags::END_STREAM } else { 0 };
        let head = Head { length: data.len() as u32, kind: Kind::DATA, flags, stream };
        self.buffer.extend(head.to_bytes());
        if data.len() < COPIED {
            self.buffer.extend(&data);
        } else {
            self.payload_length += data.len();
            self.payloads.push_back((self.start + self.buffer.len() as u64, data));
        }
    }

    /// Writes HEADERS, and CONTINUATION where one frame is not enough (§4.3). `encode` writes the block; how
    /// many bytes it came to is given back.
    pub(crate) fn put_headers(
        &mut self,
        stream: StreamId,
        end_stream: bool,
        max_frame_size: usize,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let start = self.buffer.len();
        self.buffer.extend([0; Head::LENGTH]);
        let block = start + Head::LENGTH;
        encode(&mut self.buffer);
        let length = self.buffer.len() - block;
        if length <= max_frame_size {
            let end = if end_stream { flags::END_STREAM } else { 0 };
            let (length, flags) = (length as u32, flags::END_HEADERS | end);
            let head = Head { length, kind: Kind::HEADERS, flags, stream };
            self.buffer[start..block].copy_from_slice(&head.to_bytes());
        } else {
            let block = self.buffer.split_off(block);
            self.buffer.truncate(start);
            let last = (length - 1) / max_frame_size;
            for (number, fragment) in block.chunks(max_frame_size).enumerate() {
                let end_headers = number == last;
                self.put(match number {
                    0 => Frame::Headers { stream, fragment, end_stream, end_headers },
                    _ => Frame::Continuation { stream, fragment, end_headers },
                });
            }
        }
        self.buffer.len() - start
    }

    /// Writes what a client begins with.
    pub(crate) fn put_preface(&mut self, preface: &[u8]) {
        self.buffer.extend(preface);
    }

    /// Writes a GOAWAY.
    pub(crate) fn put_goaway(&mut self, last_stream: StreamId, reason: Reason, debug: &str) {
        self.put(Frame::GoAway { last_stream, reason, debug: debug.as_bytes() });
    }

    /// How much of the buffer comes before the next payload.
    fn next_buffered(&self) -> &[u8] {
        let end =
            self.payloads.front().map_or(self.buffer.len(), |it| (it.0 - self.start) as usize);
        &self.buffer[self.read..end]
    }

    fn advance_buffer(&mut self, count: usize) {
        self.read += count;
        let written = self.start + self.read as u64;
        if written >= self.replies[0].end {
            self.replies = [self.replies[1], Replies::default()];
            if written >= self.replies[0].end {
                self.replies[0] = Replies::default();
            }
        }
        // Moving the rest costs no more than writing the part before it did.
        if self.read * 2 >= self.buffer.len() {
            self.buffer.drain(..self.read);
            self.start += self.read as u64;
            self.read = 0;
        }
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.buffer.len() - self.read + self.payload_length
    }

    fn chunk(&self) -> &[u8] {
        match (self.next_buffered(), self.payloads.front()) {
            ([], Some((_, payload))) => payload,
            (buffered, _) => buffered,
        }
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.remaining(), "no more can be written than there is");
        while count > 0 {
            let buffered = self.next_buffered().len().min(count);
            if buffered > 0 {
                self.advance_buffer(buffered);
                count -= buffered;
                continue;
            }
            let (_, payload) = self.payloads.front_mut().expect("there is more to be written");
            let part = payload.len().min(count);
            payload.advance(part);
            if payload.is_empty() {
                self.payloads.pop_front();
            }
            self.payload_length -= part;
            count -= part;
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut from = self.read;
        let mut count = 0;
        let rest = (self.start + self.buffer.len() as u64, &[][..]);
        let pieces = self.payloads.iter().map(|(before, payload)| (*before, &payload[..]));
        for (before, payload) in pieces.chain([rest]) {
            let to = (before - self.start) as usize;
            for piece in [&self.buffer[from..to], payload] {
                if count < slices.len() && !piece.is_empty() {
                    slices[count] = IoSlice::new(piece);
                    count += 1;
                }
            }
            from = to;
            if count == slices.len() {
                break;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> (Output, Vec<u8>) {
        let mut output = Output::default();
        let mut expected = Vec::new();
        for (stream, length) in [(1, 0), (3, 5_000), (5, 100), (7, 1_024), (9, 1)] {
            let (stream, data) = (StreamId(stream), vec![stream as u8; length]);
            Frame::Data { stream, data: &data, end_stream: length == 0 }.write(&mut expected);
            output.put_data(stream, data.into(), length == 0);
        }
        (output, expected)
    }

    #[test]
    fn everything_comes_out_in_order_whatever_is_taken_at_once() {
        for step in [1, 2, 9, 10, 100, 4_999, 10_000] {
            let (mut output, expected) = filled();
            let mut written: Vec<u8> = Vec::new();
            while output.has_remaining() {
                let length = output.chunk().len().min(step);
                written.extend(&output.chunk()[..length]);
                output.advance(length);
            }
            assert!(written == expected, "{step} bytes at once");
        }
    }

    #[test]
    fn a_vectored_write_has_the_same_bytes() {
        let (mut output, expected) = filled();
        output.advance(3);
        let mut slices = [IoSlice::new(&[]); 16];
        let count = output.chunks_vectored(&mut slices);
        assert_eq!(count, 5, "payloads, and what is between them");
        let written: Vec<u8> = slices[..count].iter().flat_map(|it| it.to_vec()).collect();
        assert!(written == expected[3..]);
    }

    #[test]
    fn replies_are_counted_until_they_are_written() {
        let mut output = Output::default();
        let ping = Frame::Ping { ack: true, payload: [0; 8] };
        for _ in 0..1_000 {
            output.put(Frame::SettingsAck);
            (0..10).for_each(|_| output.reply(ping));
            assert!((170..=340).contains(&output.replies()), "{}", output.replies());
            output.advance(output.remaining() - 1);
        }
        output.advance(1);
        assert_eq!(output.replies(), 0);
    }
}
