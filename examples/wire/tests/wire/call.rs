//! Both sides of a call, as frames, and what a trace says of them.

use loona_hpack::Encoder;
use wire::{
    Side,
    events::{Connection, Event},
    frame::{Frame, Kind, PREFACE, Setting, flags},
    schema::Schema,
    trace::{Style, Trace},
};

pub(crate) const PROTO: &str = r#"
syntax = "proto3";
package shop;
service Shop {
  rpc Find(Query) returns (stream Order);
}
message Query {
  string word = 1;
}
message Order {
  int32 id = 1;
  repeated string items = 2;
  repeated sint32 sizes = 3;
  Price price = 4;
  bytes picture = 5;
  State state = 6;
  double weight = 7;
}
message Price {
  sint64 cents = 1;
}
enum State {
  STATE_UNSPECIFIED = 0;
  STATE_SENT = 1;
}
"#;

pub(crate) const CALL: &[(&str, &str)] = &[
    (":method", "POST"),
    (":path", "/shop.Shop/Find"),
    ("content-type", "application/grpc"),
    ("grpc-encoding", "gzip"),
];

pub(crate) const ANSWER: &[(&str, &str)] =
    &[(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")];

/// A connection, frame by frame, and the lines that are said of it.
pub(crate) struct Talk {
    client: Encoder<'static>,
    server: Encoder<'static>,
    connection: Connection,
    trace: Trace,
}

impl Talk {
    /// Both sides have greeted each other.
    pub(crate) fn new(style: Style) -> Self {
        let schema = Schema::parse([("shop.proto", PROTO)]).expect("it is protobuf");
        Self::with(schema, style)
    }

    pub(crate) fn with(schema: Schema, style: Style) -> Self {
        let mut talk = Self {
            client: Encoder::new(),
            server: Encoder::new(),
            connection: Connection::default(),
            trace: Trace::new(schema, style),
        };
        talk.bytes(Side::Client, PREFACE);
        talk.frame(Side::Client, Frame::settings(&[]));
        talk.frame(Side::Server, Frame::settings(&[(Setting::MAX_CONCURRENT_STREAMS, 100)]));
        talk
    }

    pub(crate) fn bytes(&mut self, from: Side, bytes: &[u8]) -> Vec<String> {
        let Self { connection, trace, .. } = self;
        let mut text = String::new();
        connection.feed(from, bytes, |event| text += &trace.event(from, &event).text);
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn frame(&mut self, from: Side, frame: Frame) -> Vec<String> {
        self.bytes(from, &frame.to_bytes())
    }

    pub(crate) fn headers(&mut self, from: Side, end: bool, list: &[(&str, &str)]) -> Vec<String> {
        let block = self.block(from, list);
        self.frame(from, Frame::headers(1, block, end))
    }

    pub(crate) fn block(&mut self, from: Side, list: &[(&str, &str)]) -> Vec<u8> {
        let encoder = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        encoder.encode(list.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())))
    }

    pub(crate) fn data(&mut self, from: Side, data: impl Into<Vec<u8>>) -> Vec<String> {
        self.frame(from, Frame::data(1, data.into(), false))
    }

    /// A direction has ended.
    pub(crate) fn end(&mut self, from: Side) -> String {
        let event: Event = self.connection.end(from);
        self.trace.event(from, &event).text
    }
}

/// A message with its five bytes.
pub(crate) fn message(flag: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a short message").to_be_bytes();
    [&[flag], &length[..], bytes].concat()
}

/// A block in several frames.
pub(crate) fn split(stream: u32, block: &[u8], at: usize) -> [Frame; 2] {
    let (begin, end) = block.split_at(at);
    [
        Frame::new(Kind::HEADERS, 0, stream, begin.to_vec()),
        Frame::new(Kind::CONTINUATION, flags::END_HEADERS, stream, end.to_vec()),
    ]
}
