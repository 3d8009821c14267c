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
use wire::frame::{Content, Frame, Kind, PREFACE, Reason, Setting, flags};

use crate::{
    CallOptions, ClientConn, ClientStream, ConnOptions,
    message::{Encoding, prepare_msg},
};

/// A method that is called with one message, and one that streams both ways.
#[service(package = "test")]
trait Echo {
    async fn unary(&self, text: String) -> Result<String, Status>;
    fn both(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>>;
}

pub(super) const UNARY: &MethodDescriptor = &ECHO.methods[0];
pub(super) const BOTH: &MethodDescriptor = &ECHO.methods[1];

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
}

/// A connection to a server that begins with these settings.
pub(super) async fn connect(settings: &[(Setting, u32)]) -> (ClientConn, Peer) {
    connect_over(1 << 20, settings).await
}

/// The same over a pipe that holds so many bytes in each direction.
pub(super) async fn connect_over(size: usize, settings: &[(Setting, u32)]) -> (ClientConn, Peer) {
    let (client, mut peer) = Peer::pipe(size);
    let handshake = ClientConn::handshake(client, "test", ConnOptions::default());
    let (conn, ()) = soon(async { tokio::join!(handshake, peer.begin(settings)) }).await;
    (conn.expect("the server begins as it should"), peer)
}

impl Peer {
    /// A pipe that holds so many bytes in each direction.
    pub(super) fn pipe(size: usize) -> (DuplexStream, Self) {
        let (client, io) = tokio::io::duplex(size);
        (client, Self { io, bytes: BytesMut::new(), encoder: Encoder::new() })
    }

    /// Reads the preface, and exchanges SETTINGS.
    pub(super) async fn begin(&mut self, settings: &[(Setting, u32)]) {
        let mut preface = [0; PREFACE.len()];
        soon(self.io.read_exact(&mut preface)).await.expect("a preface");
        assert_eq!(preface, *PREFACE);
        self.send([Frame::settings(settings)]).await;
        assert_eq!(self.next().await.kind, Kind::SETTINGS);
        assert_eq!(self.next().await, Frame::settings_ack());
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

    /// The value of a field in the next HEADERS, which are the first of the connection.
    pub(super) async fn expect_field(&mut self, name: &str) -> String {
        let block = self.expect(Kind::HEADERS).await.payload;
        let fields = Decoder::new().decode(&block).expect("HPACK");
        let field = fields.into_iter().find(|(it, _)| it == name.as_bytes());
        String::from_utf8(field.expect("it is there").1).expect("text")
    }

    /// The number and length of the next DATA, and whether it is the last.
    pub(super) async fn expect_data(&mut self) -> (u32, usize, bool) {
        let frame = self.expect(Kind::DATA).await;
        (frame.stream, frame.payload.len(), frame.has(flags::END_STREAM))
    }

    /// So many bytes of DATA: the streams of their frames.
    pub(super) async fn expect_bytes(&mut self, mut length: usize) -> Vec<u32> {
        let mut streams = Vec::new();
        while length > 0 {
            let (stream, size, _) = self.expect_data().await;
            streams.push(stream);
            length -= size;
        }
        streams
    }

    /// The messages of a stream, to its end, each with its prefix. Window is returned as it is used.
    pub(super) async fn expect_messages(&mut self, stream: u32) -> BytesMut {
        let mut bytes = BytesMut::new();
        loop {
            let frame = self.expect(Kind::DATA).await;
            assert_eq!(frame.stream, stream);
            bytes.extend_from_slice(&frame.payload);
            if frame.has(flags::END_STREAM) {
                return bytes;
            }
            let increment = frame.payload.len() as u32;
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

    /// Sends a header, in two frames.
    pub(super) async fn send_block(&mut self, fields: &[(&str, &str)]) {
        let mut block = self.block(fields);
        let first = Frame::new(Kind::HEADERS, 0, 1, block.split_to(block.len() / 2));
        self.send([first, Frame::new(Kind::CONTINUATION, flags::END_HEADERS, 1, block)]).await;
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
    prepare_msg(&text.to_owned(), Encoding::Identity).expect("it is short").concat()
}

/// Begins a call.
pub(super) async fn open(conn: &ClientConn, method: &MethodDescriptor) -> Call {
    soon(conn.new_client_stream(method, CallOptions::default())).await.expect("a stream")
}

/// Begins a bidirectional call and sends a message; its stream is open at the server.
pub(super) async fn opened(conn: &ClientConn, peer: &mut Peer) -> Call {
    let mut call = open(conn, BOTH).await;
    call.send_msg(&"hello".to_owned()).await.expect("it is queued");
    assert_eq!(peer.expect_data().await.0, call.stream().id);
    call
}

/// Nothing is open, nothing waits, and `stream_quota` streams may be opened.
pub(super) async fn assert_idle(conn: &ClientConn, stream_quota: i64, send_quota: i64) {
    let quotas = soon(conn.quotas()).await.expect("the connection goes on");
    let expected = crate::Quotas { stream_quota, send_quota, ..crate::Quotas::default() };
    assert_eq!(quotas, expected);
}
