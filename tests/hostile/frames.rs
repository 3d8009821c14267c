//! HTTP/2 by hand, so that it can be wrong: frames against the rules, and what comes back for them.

use std::{collections::BTreeMap, future::pending, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncWriteExt},
    net::TcpSocket,
    time::timeout,
};
pub(crate) use traitwire_tests::frames::{
    Content, Frame, Kind, MAX_FRAME_SIZE, PREFACE, Reason, Setting, Wire, bytes, flags, next,
};

use crate::target::bounded;

/// The largest window.
pub(crate) const WIDE_OPEN: u32 = (1 << 31) - 1;

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
        (":path", &format!("/hostile.Attacked/{method}")),
        (":authority", "attacked"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

/// Begins a call, and leaves its request open.
pub(crate) fn begin(stream: u32, method: &str) -> Frame {
    Frame::headers(stream, call(method), false)
}

/// A call whose fields need more than one frame.
pub(crate) fn begin_with(stream: u32, block: &[u8]) -> Vec<Frame> {
    let more = |chunk: &[u8]| Frame::new(Kind::CONTINUATION, 0, stream, chunk.to_vec());
    let mut frames: Vec<_> = block.chunks(MAX_FRAME_SIZE).chain([&[][..]]).map(more).collect();
    frames[0].kind = Kind::HEADERS;
    frames.last_mut().expect("the empty one").flags = flags::END_HEADERS;
    frames
}

/// A whole call with an empty message.
pub(crate) fn ask(stream: u32, method: &str) -> [Frame; 2] {
    [begin(stream, method), Frame::data(stream, vec![0; 5], true)]
}

/// The numbers of the first streams that a client may open.
pub(crate) fn streams(count: u32) -> impl Iterator<Item = u32> + Clone {
    (0..count).map(|stream| 2 * stream + 1)
}

/// What came of an attack.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Whether the server has read everything and is still there.
    pub(crate) served: bool,
    /// The reason of the last GOAWAY, and its text.
    pub(crate) goaway: Option<(Reason, String)>,
    /// How many streams were reset for which reason.
    pub(crate) resets: BTreeMap<Reason, usize>,
    /// How many blocks of headers or trailers there were.
    pub(crate) headers: usize,
    /// How many pings and settings were acknowledged, without the last one of an attack.
    pub(crate) acks: usize,
}

/// The ping at the end of an attack: its answer says that all before it was read.
const MARK: [u8; 8] = *b"the mark";

impl Outcome {
    /// Reads until the mark comes back, or to the end.
    async fn read(&mut self, from: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) {
        while let Some(frame) = next(from, buffer).await {
            match frame.content().expect("the server keeps to the rules") {
                Content::Ping { payload: MARK, ack: true } => return self.served = true,
                Content::Ping { ack: true, .. } | Content::SettingsAck => self.acks += 1,
                Content::Headers { .. } => self.headers += 1,
                Content::RstStream(reason) => *self.resets.entry(reason).or_default() += 1,
                Content::Goaway { reason, debug, .. } => {
                    self.goaway = Some((reason, String::from_utf8_lossy(&debug).into_owned()));
                }
                _ => {}
            }
        }
    }

    /// The connection was ended, and this is what the server had to say.
    #[track_caller]
    pub(crate) fn assert_goaway(&self, reason: Reason, debug: &str) {
        assert!(!self.served, "{self:?}");
        assert_eq!(self.goaway, Some((reason, debug.to_owned())), "{self:?}");
    }
}

/// How long a server reads nothing when it waits for its caller to read.
const STALL: Duration = Duration::from_millis(500);

/// A connection that keeps to no rules.
pub(crate) struct Attacker(pub(crate) Wire);

impl Attacker {
    /// Says nothing yet. Its buffers are small, so that a server soon feels when it does not read.
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(16 * 1024).expect("a size for a buffer");
        let socket = socket.connect(addr).await.expect("the server listens");
        socket.set_nodelay(true).expect("a connection");
        Self(Wire { socket, buffer: BytesMut::new() })
    }

    /// Begins as a client does.
    pub(crate) async fn greet(addr: SocketAddr, wishes: &[(Setting, u32)]) -> Self {
        let mut attacker = Self::connect(addr).await;
        // The settings of the server are sent before it reads anything.
        let settings = bytes([Frame::settings(wishes), Frame::settings_ack()]);
        attacker.write(&[PREFACE, &settings[..]].concat()).await;
        attacker
    }

    /// Writes what a server is willing to read.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        bounded(self.0.socket.write_all(bytes)).await.expect("the server reads");
    }

    /// The same with frames.
    pub(crate) async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        self.write(&bytes(frames)).await;
    }

    /// Writes all that, reads meanwhile, and says what came of it.
    pub(crate) async fn attack(&mut self, frames: impl IntoIterator<Item = Frame>) -> Outcome {
        self.attack_with(bytes(frames)).await
    }

    /// The same with bytes that need not be frames.
    pub(crate) async fn attack_with(&mut self, mut bytes: Vec<u8>) -> Outcome {
        Frame::ping(MARK, false).write(&mut bytes);
        let (mut reader, mut writer) = self.0.socket.split();
        let mut outcome = Outcome::default();
        let write = async {
            // What the server does not want is said by what it sends.
            let _ = writer.write_all(&bytes).await;
            pending::<()>().await;
        };
        bounded(async {
            tokio::select! {
                () = write => {}
                () = outcome.read(&mut reader, &mut self.0.buffer) => {}
            }
        })
        .await;
        outcome
    }

    /// Reads to the end, which is for the server to make.
    pub(crate) async fn until_the_end(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        bounded(outcome.read(&mut self.0.socket, &mut self.0.buffer)).await;
        outcome
    }

    /// Writes this again and again, and reads nothing, until the server reads nothing either.
    ///
    /// What fits between the two is with the kernel, and is less than `most` bytes.
    pub(crate) async fn until_it_stalls(&mut self, bytes: &[u8], most: usize) {
        for _ in 0..most / bytes.len() {
            match timeout(STALL, self.0.socket.write_all(bytes)).await {
                Ok(written) => written.expect("the server is there"),
                Err(_) => return,
            }
        }
        panic!("the server has taken {most} bytes");
    }

    /// The next frame of this kind.
    pub(crate) async fn next(&mut self, kind: Kind) -> Frame {
        bounded(self.0.expect(kind)).await
    }
}

/// One after the other, greeted and attacked.
pub(crate) async fn attack(addr: SocketAddr, frames: impl IntoIterator<Item = Frame>) -> Outcome {
    Attacker::greet(addr, &[]).await.attack(frames).await
}
