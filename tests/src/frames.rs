//! A client of HTTP/2 that sends what it likes, frame by frame.

use std::net::SocketAddr;

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
pub use wire::frame::{Content, Frame, Kind, MAX_FRAME_SIZE, PREFACE, Reason, Setting, flags};

/// `:method POST`, `:scheme http`, `:path /`, from the static table of HPACK.
pub const POST: &[u8] = &[0x83, 0x86, 0x84];

/// A header field for a block of HEADERS: the place of its name in the static table, and its value.
pub fn field(name: u8, value: &str) -> Vec<u8> {
    // A literal that nobody is to remember: four bits of the name, and one byte of length.
    let mut bytes = if name < 15 { vec![name] } else { vec![15, name - 15] };
    bytes.push(u8::try_from(value.len()).ok().filter(|it| *it < 127).expect("a short value"));
    bytes.extend(value.as_bytes());
    bytes
}

/// Frames as they go over the wire.
pub fn bytes(frames: impl IntoIterator<Item = Frame>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frames.into_iter().for_each(|frame| frame.write(&mut bytes));
    bytes
}

/// The next frame; `None` when the peer has ended the connection.
pub async fn next(from: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Option<Frame> {
    loop {
        let frame = Frame::read(buffer, MAX_FRAME_SIZE).expect("a frame is not too long");
        if frame.is_some() {
            return frame;
        }
        buffer.reserve(MAX_FRAME_SIZE);
        from.read_buf(buffer).await.ok().filter(|read| *read > 0)?;
    }
}

/// A connection.
#[derive(Debug)]
pub struct Wire {
    /// What it goes over.
    pub socket: TcpStream,
    /// What came and is not yet read.
    pub buffer: BytesMut,
}

impl Wire {
    /// Connects, and says nothing.
    pub async fn connect(server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).await.expect("the server listens");
        socket.set_nodelay(true).expect("a socket");
        Self { socket, buffer: BytesMut::new() }
    }

    /// Connects, and begins as a client does.
    pub async fn open(server: SocketAddr) -> Self {
        let mut wire = Self::connect(server).await;
        wire.write(PREFACE).await;
        wire.send([Frame::settings(&[])]).await;
        wire
    }

    /// Sends bytes. That the server has ended the connection is seen when it is read.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes).await;
    }

    /// Sends frames, all in one write.
    pub async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        self.write(&bytes(frames)).await;
    }

    /// The next frame; `None` when the server has ended the connection.
    pub async fn next(&mut self) -> Option<Frame> {
        next(&mut self.socket, &mut self.buffer).await
    }

    /// The next frame of this kind; those before it are skipped.
    pub async fn expect(&mut self, kind: Kind) -> Frame {
        loop {
            let frame = self.next().await.expect("the server goes on");
            if frame.kind == kind {
                return frame;
            }
        }
    }

    /// Everything that comes until the server ends the connection.
    pub async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }
}
