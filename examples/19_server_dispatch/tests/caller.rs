//! A client, frame by frame.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use wire::{
    frame::{Content, Frame, Kind, MAX_FRAME_SIZE, PREFACE, Reason},
    headers::Headers,
};

use super::bounded;

/// A connection, from the other end.
pub(crate) struct Caller {
    io: DuplexStream,
    read: BytesMut,
    headers: Headers,
    /// Those of the last HEADERS.
    fields: BTreeMap<String, String>,
}

/// An answer, as it came.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) data: Vec<u8>,
    pub(crate) trailers: BTreeMap<String, String>,
    /// Sizes of the DATA frames.
    pub(crate) frames: Vec<usize>,
    pub(crate) reset: Option<Reason>,
}

impl Answer {
    /// Code and message, wherever they stand.
    pub(crate) fn status(&self) -> (&str, &str) {
        let fields = if self.trailers.is_empty() { &self.headers } else { &self.trailers };
        let field = |name| fields.get(name).map_or("", String::as_str);
        (field("grpc-status"), field("grpc-message"))
    }
}

impl Caller {
    /// It says nothing yet.
    pub(crate) fn new(io: DuplexStream) -> Self {
        let (read, headers) = (BytesMut::new(), Headers::default());
        Self { io, read, headers, fields: BTreeMap::new() }
    }

    /// Begins as a client does.
    pub(crate) async fn greet(&mut self) {
        self.write(PREFACE).await;
        self.send([Frame::settings(&[]), Frame::settings_ack()]).await;
        self.expect(Kind::WINDOW_UPDATE).await;
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        // A server that has hung up is found out by reading.
        let _ = self.io.write_all(bytes).await;
    }

    pub(crate) async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) {
        let bytes: Vec<u8> = frames.into_iter().flat_map(|it| it.to_bytes()).collect();
        self.write(&bytes).await;
    }

    /// The next frame; none when the server has hung up.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = Frame::read(&mut self.read, MAX_FRAME_SIZE).unwrap() {
                if let Content::Headers { block, end_headers, .. } = frame.content().unwrap() {
                    self.read_fields(&frame, &block, end_headers);
                }
                return Some(frame);
            }
            let read = bounded(self.io.read_buf(&mut self.read)).await;
            if !matches!(read, Ok(1..)) {
                return None;
            }
        }
    }

    /// The next frame of this kind. Those before it are skipped.
    pub(crate) async fn expect(&mut self, kind: Kind) -> Frame {
        loop {
            let frame = self.next().await.expect("the server goes on");
            if frame.kind == kind {
                return frame;
            }
        }
    }

    /// Everything until the server hangs up.
    pub(crate) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }

    /// The answer on a stream, to its end.
    pub(crate) async fn answer(&mut self, stream: u32) -> Answer {
        let mut answer = Answer::default();
        loop {
            let frame = self.next().await.expect("the server goes on");
            self.note(&mut answer, stream, &frame);
            let ends = matches!(frame.kind, Kind::DATA | Kind::HEADERS) && frame.has(1);
            if frame.stream == stream && (ends || answer.reset.is_some()) {
                return answer;
            }
        }
    }

    fn read_fields(&mut self, frame: &Frame, block: &[u8], whole: bool) {
        let fields = self.headers.begin(frame.stream, block, whole);
        let fields = fields.expect("it is whole").unwrap();
        let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let fields = fields.list.iter().map(|(name, value)| (text(name), text(value)));
        self.fields = fields.collect();
    }

    fn note(&self, answer: &mut Answer, stream: u32, frame: &Frame) {
        match frame.content().unwrap() {
            Content::Headers { .. } if frame.stream == stream => {
                let fields = self.fields.clone();
                if fields.contains_key(":status") {
                    answer.headers = fields
                } else {
                    answer.trailers = fields
                }
            }
            Content::Data { data, .. } if frame.stream == stream => {
                answer.frames.push(data.len());
                answer.data.extend(&data);
            }
            Content::RstStream(reason) if frame.stream == stream => answer.reset = Some(reason),
            _ => {}
        }
    }

    /// A whole call with one message.
    pub(crate) async fn call(&mut self, stream: u32, method: &str, message: &[u8]) -> Answer {
        self.send([begin(stream, method), Frame::data(stream, framed(message), true)]).await;
        self.answer(stream).await
    }
}

/// Fields as HPACK writes them that neither indexes nor compresses.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            bytes.push(u8::try_from(text.len()).ok().filter(|it| *it < 127).expect("short"));
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

/// Begins a call; `more` are further fields.
pub(crate) fn begin_with(stream: u32, method: &str, more: &[(&str, &str)]) -> Frame {
    let path = format!("/test.v1.Lab/{method}");
    let call = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", &path),
        (":authority", "lab"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    Frame::headers(stream, block(&[&call, more].concat()), false)
}

pub(crate) fn begin(stream: u32, method: &str) -> Frame {
    begin_with(stream, method, &[])
}

/// A message behind its prefix.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    flagged(0, message)
}

pub(crate) fn flagged(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// A text as a message.
pub(crate) fn text(text: &str) -> Vec<u8> {
    traitwire::prost::Message::encode_to_vec(&text.to_owned())
}
