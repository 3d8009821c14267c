//! Frames to the socket, through a buffer.

use std::io;

use bytes::{BufMut, Bytes};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use wire::frame::{Frame, HEAD, Kind, MAX_FRAME_SIZE, PREFACE, flags};

/// When so many bytes are in the buffer, they go out.
pub(crate) const WRITE_BUFFER_SIZE: usize = 32 * 1024;

/// Writes frames into a buffer, and the buffer to the socket.
#[derive(Debug)]
pub(crate) struct Framer<W> {
    io: W,
    buffer: Vec<u8>,
}

impl<W: AsyncWrite + Unpin> Framer<W> {
    /// A framer with a client's preface in its buffer.
    pub(crate) fn new(io: W) -> Self {
        let mut buffer = Vec::with_capacity(WRITE_BUFFER_SIZE + HEAD + MAX_FRAME_SIZE);
        buffer.put_slice(PREFACE);
        Self { io, buffer }
    }

    /// Writes a frame.
    pub(crate) async fn write(&mut self, frame: &Frame) -> io::Result<()> {
        frame.write(&mut self.buffer);
        self.flush_if_full().await
    }

    /// Writes a DATA frame of two parts.
    pub(crate) async fn write_data(
        &mut self,
        stream: u32,
        [head, payload]: [&[u8]; 2],
        end_stream: bool,
    ) -> io::Result<()> {
        self.buffer.put_uint((head.len() + payload.len()) as u64, 3);
        self.buffer.put_u8(Kind::DATA.0);
        self.buffer.put_u8(if end_stream { flags::END_STREAM } else { 0 });
        self.buffer.put_u32(stream);
        self.buffer.put_slice(head);
        self.buffer.put_slice(payload);
        self.flush_if_full().await
    }

    /// Writes a header block, in as many frames as it needs. Nothing may come between them.
    pub(crate) async fn write_headers(&mut self, stream: u32, mut block: Bytes) -> io::Result<()> {
        let mut kind = Kind::HEADERS;
        loop {
            let piece = block.split_to(block.len().min(MAX_FRAME_SIZE));
            let flags = if block.is_empty() { flags::END_HEADERS } else { 0 };
            self.write(&Frame::new(kind, flags, stream, piece)).await?;
            if block.is_empty() {
                return Ok(());
            }
            kind = Kind::CONTINUATION;
        }
    }

    /// How many bytes wait in the buffer.
    pub(crate) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    async fn flush_if_full(&mut self) -> io::Result<()> {
        if self.buffer.len() < WRITE_BUFFER_SIZE { Ok(()) } else { self.flush().await }
    }

    // 10. One write to the socket for all that was put into the buffer since the last one.
    /// Empties the buffer.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.io.write_all(&self.buffer).await?;
        self.io.flush().await?;
        wire::step!(10, "flush: {} bytes", self.buffer.len());
        self.buffer.clear();
        Ok(())
    }

    /// Empties the buffer, and writes no more.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.io.shutdown().await
    }
}
