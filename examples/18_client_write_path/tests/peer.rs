//! A server that does what a test tells it, frame by frame, at the other end of a pipe.
//!
//! Tests with it run on paused time: where nothing can happen any more, the clock jumps, and what
//! waits for ever fails at once.

use std::{future::Future, time::Duration};

use bytes::{Bytes, BytesMut};
use loona_hpack::{Decoder, Encoder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};
use traitwire::{MethodDescriptor, Status, Stream, Streaming, service};
use wire::{
    Side,
    frame::{Content, Frame, Kind, PREFACE, Reason, Setting},
    tap::Tap,
};

use crate::{CallOptions, ClientConn, ClientStream, ConnOptions};

/// One method of each shape.
#[service(package = "test")]
pub(super) trait Echo {
    async fn unary(&self, text: String) -> Result<String, Status>;
    fn server(&self, text: String) -> impl Stream<Item = Result<String, Status>>;
    async fn client(&self, texts: Streaming<String>) -> Result<String, Status>;
    fn both(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
}

pub(super) const UNARY: &MethodDescriptor = &ECHO.methods[0];
pub(super) const SERVER: &MethodDescriptor = &ECHO.methods[1];
pub(super) const CLIENT: &MethodDescriptor = &ECHO.methods[2];
pub(super) const BOTH: &MethodDescriptor = &ECHO.methods[3];

/// Strings both ways.
pub(super) type Call = ClientStream<String, String>;

/// What must happen without anybody waiting for long.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(60), what).await.expect("it waits for ever")
}

/// Whether nothing can happen any more, and this has not.
pub(super) async fn stands_still<T>(what: impl Future<Output = T>) -> bool {
    timeout(Duration::from_secs(1), what).await.is_err()
}

/// A server at the other end of a pipe.
pub(super) struct Peer {
    io: DuplexStream,
    bytes: BytesMut,
    encoder: Encoder<'static>,
    decoder: Decoder<'static>,
}

/// A connection to a server that begins with these settings.
pub(super) async fn connect(settings: &[(Setting, u32)]) -> (ClientConn, Peer) {
    connect_with(settings, ConnOptions::default()).await
}

/// The same, with options.
pub(super) async fn connect_with(
    settings: &[(Setting, u32)],
    options: ConnOptions,
) -> (ClientConn, Peer) {
    let (conn, peer, _) = connect_tapped(settings, options).await;
    (conn, peer)
}

/// The same, with a tap at the client's end.
pub(super) async fn connect_tapped(
    settings: &[(Setting, u32)],
    options: ConnOptions,
) -> (ClientConn, Peer, Tap) {
    let (client, mut peer) = Peer::pipe(1 << 20);
    let tap = Tap::new();
    let begin = async {
        peer.read_preface().await;
        peer.send([Frame::settings(settings)]).await;
        assert_eq!(peer.next().await.content(), Ok(Content::SettingsAck));
    };
    let client = tap.wrap(client, Side::Client);
    let handshake = ClientConn::handshake(client, "test", options);
    let (conn, ()) = soon(async { tokio::join!(handshake, begin) }).await;
    (conn.expect("the server begins as it should"), peer, tap)
}

impl Peer {
    /// A pipe that holds so many bytes in each direction.
    pub(super) fn pipe(size: usize) -> (DuplexStream, Self) {
        let (client, io) = tokio::io::duplex(size);
        let (encoder, decoder) = (Encoder::new(), Decoder::new());
        (client, Self { io, bytes: BytesMut::new(), encoder, decoder })
    }

    /// The preface, and the client's SETTINGS.
    pub(super) async fn read_preface(&mut self) -> Frame {
        let mut preface = [0; PREFACE.len()];
        soon(self.io.read_exact(&mut preface)).await.expect("a preface");
        assert_eq!(preface, *PREFACE);
        self.next().await
    }

    /// The next frame; `None` when there will be none.
    pub(super) async fn try_next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = Frame::read(&mut self.bytes, 1 << 14).expect("a frame") {
                return Some(frame);
            }
            match soon(self.io.read_buf(&mut self.bytes)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return None,
            }
        }
    }

    pub(super) async fn next(&mut self) -> Frame {
        self.try_next().await.expect("the client goes on")
    }

    /// The next frame of this kind; those before it are skipped.
    pub(super) async fn expect(&mut self, kind: Kind) -> Frame {
        loop {
            let frame = self.next().await;
            if frame.kind == kind {
                return frame;
            }
        }
    }

    /// The GOAWAY with which the client ends, and the end.
    pub(super) async fn expect_goaway(&mut self) -> Reason {
        let goaway = self.expect(Kind::GOAWAY).await;
        assert_eq!(self.try_next().await, None, "after GOAWAY there is nothing");
        match goaway.content() {
            Ok(Content::Goaway { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// The RST_STREAM of a stream.
    pub(super) async fn expect_reset(&mut self, stream: u32) -> Reason {
        let reset = self.expect(Kind::RST_STREAM).await;
        assert_eq!(reset.stream, stream);
        match reset.content() {
            Ok(Content::RstStream(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// The fields of the next HEADERS.
    pub(super) async fn expect_headers(&mut self) -> (Frame, Vec<(String, String)>) {
        let headers = self.expect(Kind::HEADERS).await;
        let fields = self.decoder.decode(&headers.payload).expect("HPACK");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (headers, fields.into_iter().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// The messages of a stream, to its end. Window is returned as it is used.
    pub(super) async fn expect_messages(&mut self, stream: u32) -> Vec<String> {
        let mut bytes = BytesMut::new();
        loop {
            let frame = self.expect(Kind::DATA).await;
            assert_eq!(frame.stream, stream);
            let Ok(Content::Data { data, end_stream }) = frame.content() else { panic!() };
            bytes.extend_from_slice(&data);
            if end_stream {
                return split(bytes.into());
            }
            let increment = data.len() as u32;
            let updates = [0, stream].map(|stream| Frame::window_update(stream, increment));
            self.send(updates).await;
        }
    }

    /// Sends frames. Whether the client still reads them is for it to know.
    pub(super) async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        let bytes: Vec<u8> = frames.into_iter().flat_map(|frame| frame.to_bytes()).collect();
        self.write(&bytes).await;
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        let _ = soon(self.io.write_all(bytes)).await;
    }

    /// A header block.
    pub(super) fn block(&mut self, fields: &[(&str, &str)]) -> Bytes {
        let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        self.encoder.encode(fields).into()
    }

    /// The header of an answer.
    pub(super) fn header(&mut self, stream: u32) -> Frame {
        let fields = [(":status", "200"), ("content-type", "application/grpc")];
        Frame::headers(stream, self.block(&fields), false)
    }

    /// The end of an answer.
    pub(super) fn trailers(&mut self, stream: u32, status: &str) -> Frame {
        Frame::headers(stream, self.block(&[("grpc-status", status)]), true)
    }

    /// A whole answer.
    pub(super) fn answer(&mut self, stream: u32, text: &str) -> [Frame; 3] {
        [self.header(stream), Frame::data(stream, message(text), false), self.trailers(stream, "0")]
    }

    /// Goes away without a word.
    pub(super) fn vanish(self) {}
}

/// A message with its prefix.
pub(super) fn message(text: &str) -> Vec<u8> {
    let encoded = prost::Message::encode_to_vec(&text.to_owned());
    let mut bytes = crate::message::msg_header(encoded.len() as u32, false).to_vec();
    bytes.extend(encoded);
    bytes
}

/// The texts of messages that follow each other.
fn split(mut bytes: Bytes) -> Vec<String> {
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let head = crate::message::Head::read(bytes.split_to(5), usize::MAX).expect("a prefix");
        texts.push(prost::Message::decode(bytes.split_to(head.length)).expect("a message"));
    }
    texts
}

/// Begins a call.
pub(super) async fn open(conn: &ClientConn, method: &MethodDescriptor) -> Call {
    soon(conn.new_client_stream(method, CallOptions::default())).await.expect("a stream")
}

/// Begins a bidirectional call and sends a message; its stream is open at the server.
pub(super) async fn opened(conn: &ClientConn, peer: &mut Peer) -> Call {
    let mut call = open(conn, BOTH).await;
    call.send_msg(&"hello".to_owned()).await.expect("it is queued");
    assert_eq!(peer.expect(Kind::DATA).await.stream, call.id());
    call
}

/// Nothing is open, nothing waits, and `stream_quota` streams may be opened.
pub(super) async fn assert_idle(conn: &ClientConn, stream_quota: i64, send_quota: i64) {
    let quotas = soon(conn.quotas()).await.expect("the connection goes on");
    let expected = crate::Quotas { stream_quota, send_quota, ..crate::Quotas::default() };
    assert_eq!(quotas, expected);
}
