//! HTTP/2 by hand, so that it can be wrong: frames as bytes, and what comes back for them.

use std::{collections::BTreeMap, future::pending, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::arena::bounded;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Kinds of frames.
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

// Flags of frames.
pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;

// Settings.
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;

// Reasons.
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const INTERNAL_ERROR: u32 = 2;
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const FRAME_SIZE_ERROR: u32 = 6;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;
pub(crate) const INADEQUATE_SECURITY: u32 = 12;

/// The largest payload of a frame, unless a peer asks for more.
pub(crate) const FRAME: usize = 1 << 14;

/// The largest window.
pub(crate) const WIDE_OPEN: u32 = (1 << 31) - 1;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("three bytes").to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), payload].concat()
}

pub(crate) fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let fields = settings
        .iter()
        .flat_map(|(key, value)| [&key.to_be_bytes()[..], &value.to_be_bytes()].concat());
    frame(SETTINGS, 0, 0, &fields.collect::<Vec<_>>())
}

pub(crate) fn ping(payload: &[u8; 8]) -> Vec<u8> {
    frame(PING, 0, 0, payload)
}

pub(crate) fn reset(stream: u32, reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(crate) fn goaway(last_stream: u32, reason: u32, debug: &str) -> Vec<u8> {
    let numbers = [last_stream.to_be_bytes(), reason.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &[&numbers, debug.as_bytes()].concat())
}

/// Fields as HPACK writes them that neither indexes nor compresses.
pub(crate) fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields =
        fields.iter().flat_map(|(name, value)| [&[0][..], &string(name), &string(value)].concat());
    fields.collect()
}

/// A string of HPACK. Its length is a number that begins with seven bits.
pub(crate) fn string(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if text.len() < 127 {
        bytes.push(text.len() as u8);
    } else {
        bytes.push(127);
        prost::encoding::encode_varint(text.len() as u64 - 127, &mut bytes);
    }
    bytes.extend(text.as_bytes());
    bytes
}

/// The fields of a call.
pub(crate) fn call(method: &str) -> Vec<u8> {
    fields(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", &format!("/hostile.Prey/{method}")),
        (":authority", "prey"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

/// Begins a call, and leaves its request open.
pub(crate) fn begin(stream: u32, method: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &call(method))
}

/// A call whose fields need more than one frame.
pub(crate) fn begin_with(stream: u32, block: &[u8]) -> Vec<u8> {
    let mut chunks = block.chunks(FRAME);
    let first = frame(HEADERS, 0, stream, chunks.next().unwrap_or_default());
    let others = chunks.flat_map(|chunk| frame(CONTINUATION, 0, stream, chunk));
    first.into_iter().chain(others).chain(frame(CONTINUATION, END_HEADERS, stream, &[])).collect()
}

/// A whole call with an empty message.
pub(crate) fn ask(stream: u32, method: &str) -> Vec<u8> {
    [begin(stream, method), frame(DATA, END_STREAM, stream, &[0; 5])].concat()
}

/// The numbers of the first streams that a client may open.
pub(crate) fn streams(count: u32) -> impl Iterator<Item = u32> + Clone {
    (0..count).map(|stream| 2 * stream + 1)
}

/// A frame that came back.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    flags: u8,
    payload: Vec<u8>,
}

impl Frame {
    /// The next one, or the end of the connection.
    pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, _stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        from.read_exact(&mut payload).await?;
        Ok(Self { kind, flags, payload })
    }

    fn number(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.payload[at..at + 4].try_into().expect("four bytes"))
    }
}

/// What came of an attack.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Whether the server has read everything and is still there.
    pub(crate) served: bool,
    /// The reason of the last GOAWAY, and its text.
    pub(crate) goaway: Option<(u32, String)>,
    /// How many streams were reset for which reason.
    pub(crate) resets: BTreeMap<u32, usize>,
    /// How many blocks of headers or trailers there were.
    pub(crate) headers: usize,
    /// How many pings and settings were acknowledged, without the last one of an attack.
    pub(crate) acks: usize,
}

/// The ping at the end of an attack: its answer says that all before it was read.
const MARK: &[u8; 8] = b"the mark";

impl Outcome {
    /// Reads until the mark comes back, or to the end.
    async fn read(&mut self, from: &mut (impl AsyncRead + Unpin)) {
        while let Ok(frame) = Frame::read(from).await {
            match (frame.kind, frame.flags & ACK) {
                (PING, ACK) if frame.payload == MARK => return self.served = true,
                (PING | SETTINGS, ACK) => self.acks += 1,
                (HEADERS, _) => self.headers += 1,
                (RST_STREAM, _) => *self.resets.entry(frame.number(0)).or_default() += 1,
                (GOAWAY, _) => {
                    let debug = String::from_utf8_lossy(&frame.payload[8..]).into_owned();
                    self.goaway = Some((frame.number(4), debug));
                }
                _ => {}
            }
        }
    }

    /// The connection was ended, and this is what the server had to say.
    #[track_caller]
    pub(crate) fn assert_goaway(&self, reason: u32, debug: &str) {
        assert!(!self.served, "{self:?}");
        assert_eq!(self.goaway, Some((reason, debug.to_owned())), "{self:?}");
    }
}

/// How long a server reads nothing when it waits for its caller to read.
const STALL: Duration = Duration::from_millis(500);

/// A connection that keeps to no rules.
pub(crate) struct Attacker {
    pub(crate) socket: TcpStream,
}

impl Attacker {
    /// Says nothing yet. Its buffers are small, so that a server soon feels when it does not read.
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(16 * 1024).expect("a size for a buffer");
        let socket = socket.connect(addr).await.expect("the server listens");
        socket.set_nodelay(true).expect("a connection");
        Self { socket }
    }

    /// Begins as a client does.
    pub(crate) async fn greet(addr: SocketAddr, wishes: &[(u16, u32)]) -> Self {
        let mut attacker = Self::connect(addr).await;
        // The settings of the server are sent before it reads anything.
        let acknowledged = frame(SETTINGS, ACK, 0, &[]);
        attacker.send(&[PREFACE, &settings(wishes), &acknowledged].concat()).await;
        attacker
    }

    /// Writes what a server is willing to read.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        bounded(self.socket.write_all(bytes)).await.expect("the server reads");
    }

    /// Writes all that, reads meanwhile, and says what came of it.
    pub(crate) async fn attack(&mut self, mut bytes: Vec<u8>) -> Outcome {
        bytes.extend(ping(MARK));
        let (mut reader, mut writer) = self.socket.split();
        let mut outcome = Outcome::default();
        let write = async {
            // What the server does not want is said by what it sends.
            let _ = writer.write_all(&bytes).await;
            pending::<()>().await;
        };
        bounded(async {
            tokio::select! {
                () = write => {}
                () = outcome.read(&mut reader) => {}
            }
        })
        .await;
        outcome
    }

    /// Reads to the end, which is for the server to make.
    pub(crate) async fn until_the_end(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        bounded(outcome.read(&mut self.socket)).await;
        outcome
    }

    /// Writes this again and again, and reads nothing, until the server reads nothing either.
    ///
    /// What fits between the two is with the kernel, and is less than `most` bytes.
    pub(crate) async fn until_it_stalls(&mut self, bytes: &[u8], most: usize) {
        for _ in 0..most / bytes.len() {
            match timeout(STALL, self.socket.write_all(bytes)).await {
                Ok(written) => written.expect("the server is there"),
                Err(_) => return,
            }
        }
        panic!("the server has taken {most} bytes");
    }

    /// The next frame of this kind.
    pub(crate) async fn next(&mut self, kind: u8) -> Frame {
        bounded(async {
            loop {
                let frame = Frame::read(&mut self.socket).await.expect("the server is there");
                if frame.kind == kind {
                    return frame;
                }
            }
        })
        .await
    }
}

/// One after the other, greeted and attacked.
pub(crate) async fn attack(addr: SocketAddr, bytes: Vec<u8>) -> Outcome {
    Attacker::greet(addr, &[]).await.attack(bytes).await
}
