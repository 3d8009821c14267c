//! A client of HTTP/2 that sends what it likes, frame by frame.

use std::{collections::BTreeMap, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The bytes with which a client begins.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The kinds of frames, RFC 9113 §6.
#[allow(missing_docs)]
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
}

/// The end of a request, in HEADERS and DATA.
pub const END_STREAM: u8 = 0x1;
/// The answer to SETTINGS and PING.
pub const ACK: u8 = 0x1;
/// The end of a header block.
pub const END_HEADERS: u8 = 0x4;

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

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// One of [`kind`].
    pub kind: u8,
    /// Its flags.
    pub flags: u8,
    /// The stream; 0 is the connection.
    pub stream: u32,
    /// What is in it.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame to send.
    pub fn new(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Self {
        Self { kind, flags, stream, payload: payload.to_vec() }
    }

    /// As it goes over the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).expect("a frame has 24 bits of length");
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// The number in four bytes of the payload: an error code, a stream, an increment.
    pub fn number(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.payload[at..at + 4].try_into().expect("four bytes"))
    }

    /// The settings of a SETTINGS frame, by their number.
    pub fn settings(&self) -> BTreeMap<u16, u32> {
        let setting = |it: &[u8]| {
            let [a, b, c, d, e, f] = it.try_into().expect("six bytes");
            (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, f]))
        };
        self.payload.chunks(6).map(setting).collect()
    }
}

/// A connection.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl Wire {
    /// Connects, and says nothing.
    pub async fn connect(server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).await.expect("the server listens");
        socket.set_nodelay(true).expect("a socket");
        Self(socket)
    }

    /// Connects, and begins as a client does.
    pub async fn open(server: SocketAddr) -> Self {
        let mut wire = Self::connect(server).await;
        wire.write(PREFACE).await;
        wire.send([Frame::new(kind::SETTINGS, 0, 0, &[])]).await;
        wire
    }

    /// Sends bytes. That the server has ended the connection is seen when it is read.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// Sends frames, all in one write.
    pub async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        let bytes: Vec<u8> = frames.into_iter().flat_map(|frame| frame.bytes()).collect();
        self.write(&bytes).await;
    }

    /// The next frame; `None` when the server has ended the connection.
    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        let mut payload = vec![0; usize::try_from(length).expect("24 bits")];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// The next frame of this kind; those before it are skipped.
    pub async fn expect(&mut self, kind: u8) -> Frame {
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
