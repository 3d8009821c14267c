//! Broken bytes, many times: nothing panics, nothing grows, and every byte is passed on.
//!
//! A short run is part of the tests. A long one, with other cases each time:
//!
//! ```sh
//! CASES=10000000 SEED=$RANDOM cargo test -p wire --release mutation
//! ```

use std::env;

use bytes::Bytes;
use loona_hpack::Encoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{
    Side,
    events::Connection,
    fields,
    frame::{Frame, Kind, PREFACE, Reason, Setting, flags},
    headers::Headers,
    message::{Messages, inflate},
    schema::Schema,
    tap::Tap,
    trace::{Style, Trace},
};

use crate::call::{ANSWER, CALL, PROTO, message, split};

/// Numbers that look random and are the same for the same seed.
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(env::var("SEED").map_or(17, |it| it.parse().expect("a number")).max(1))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// Breaks bytes in one to four places.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = bytes.len().min(at + self.below(20));
            match self.below(7) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
                3 => bytes.insert(at, self.below(256) as u8),
                4 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                5 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ if at < bytes.len() => bytes[at] = self.below(256) as u8,
                _ => {}
            }
        }
    }

    /// Cuts bytes into pieces.
    fn pieces<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let longest = [1, 10, 100][self.below(3)];
            let (piece, rest) = bytes.split_at((1 + self.below(longest)).min(bytes.len()));
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }
}

/// How many cases, where a short run has so many.
fn cases(short: usize) -> usize {
    env::var("CASES").map_or(short, |it| it.parse().expect("a number"))
}

/// What both sides of a connection send, with a frame of every kind.
fn recorded() -> [Vec<u8>; 2] {
    let (mut client, mut server) = (Encoder::new(), Encoder::new());
    let block = |encoder: &mut Encoder<'static>, list: &[(&str, &str)]| {
        encoder.encode(list.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())))
    };
    let order = b"\x08\x07\x12\x03tea\x1a\x02\x01\x02\x22\x02\x08\x05\x2a\x01\xff";
    let two = [message(0, order), message(1, b"\x1f\x8b not really gzip")].concat();
    let [begin, go_on] = split(1, &block(&mut client, CALL), 10);
    let from_client = [
        Frame::settings(&[(Setting::HEADER_TABLE_SIZE, 8192), (Setting::MAX_FRAME_SIZE, 20_000)]),
        Frame::window_update(0, 1000),
        begin,
        go_on,
        Frame::data(1, message(0, b"\x0a\x03tea"), false),
        Frame::new(Kind::PRIORITY, 0, 3, &b"12345"[..]),
        Frame::headers(3, block(&mut client, CALL), false),
        Frame::new(Kind::DATA, flags::PADDED | flags::END_STREAM, 1, &b"\x02\x00\x00\x00\x00"[..]),
        Frame::ping(*b"12345678", false),
        Frame::rst_stream(3, Reason::CANCEL),
        Frame::goaway(0, Reason::NO_ERROR, b"bye"),
    ];
    let from_server = [
        Frame::settings(&[(Setting::MAX_CONCURRENT_STREAMS, 100)]),
        Frame::settings_ack(),
        Frame::headers(1, block(&mut server, ANSWER), false),
        Frame::data(1, two[..9].to_vec(), false),
        Frame::data(1, two[9..].to_vec(), false),
        Frame::new(Kind(77), 0, 1, &b"new"[..]),
        Frame::ping(*b"12345678", true),
        Frame::headers(1, block(&mut server, &[("grpc-status", "0"), ("x", "y")]), true),
        Frame::new(Kind::PUSH_PROMISE, flags::END_HEADERS, 1, &b"\0\0\0\x02\x82"[..]),
        Frame::goaway(1, Reason::ENHANCE_YOUR_CALM, b"too_many_pings"),
    ];
    let bytes = |frames: &[Frame]| frames.iter().flat_map(|it| it.to_bytes()).collect::<Vec<u8>>();
    [[&PREFACE[..], &bytes(&from_client)].concat(), bytes(&from_server)]
}

/// Lines as a terminal may have them.
fn check(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 100 && !line.contains(char::is_control), "{line:?}");
    }
}

#[test]
fn mutation_of_connections() {
    let schema = Schema::parse([("shop.proto", PROTO)]).unwrap();
    let (mut random, recorded) = (Random::new(), recorded());
    for _ in 0..cases(20_000) {
        let mut sides = recorded.clone();
        let broken = random.below(3);
        sides
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| *at != broken)
            .for_each(|(_, side)| random.mutate(side));
        let [mut client, mut server] = sides.each_ref().map(|it| random.pieces(it).into_iter());
        let style = if random.below(2) == 0 { Style::Full } else { Style::Compact };
        let (mut connection, mut trace) =
            (Connection::default(), Trace::new(schema.clone(), style));
        let (mut passed, mut told) = ([0, 0], [0, 0]);
        loop {
            let client_first = random.below(2) == 0;
            let next = if client_first { client.next().map(|it| (0, it)) } else { None };
            let next = next.or_else(|| server.next().map(|it| (1, it)));
            let Some((at, piece)) = next.or_else(|| client.next().map(|it| (0, it))) else { break };
            let from = [Side::Client, Side::Server][at];
            passed[at] += piece.len() as u64;
            connection.feed(from, piece, |event| {
                told[at] += match &event {
                    wire::events::Event::Preface => 24,
                    wire::events::Event::Frame(frame) => 9 + frame.payload.len() as u64,
                    _ => 0,
                };
                check(&trace.event(from, &event).text);
            });
        }
        for (at, from) in [Side::Client, Side::Server].into_iter().enumerate() {
            let wire::events::Event::End { unread } = connection.end(from) else { panic!() };
            assert_eq!(told[at] + unread, passed[at], "every byte is accounted for");
        }
    }
}

#[test]
fn mutation_of_header_blocks() {
    let mut random = Random::new();
    let mut encoder = Encoder::new();
    let fields = CALL.iter().chain(ANSWER).map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let block = [b"\x20\x3f\xe1\x1f".to_vec(), encoder.encode(fields)].concat();
    for _ in 0..cases(20_000) {
        let mut headers = Headers::default();
        for stream in 0..4 {
            let mut block = block.clone();
            random.mutate(&mut block);
            let read = headers.begin(stream, &block, true).expect("this is its end");
            if let Ok(fields) = read {
                let length: usize = fields.list.iter().map(|(n, v)| n.len() + v.len() + 32).sum();
                assert!(length <= 16 * 1024);
            }
        }
    }
}

#[test]
fn mutation_of_messages() {
    let mut random = Random::new();
    let bytes = [message(0, b"one"), message(1, b""), message(0, &[7; 300])].concat();
    for _ in 0..cases(20_000) {
        let mut bytes = bytes.clone();
        random.mutate(&mut bytes);
        let start = random.below(1000);
        let (mut messages, mut room, mut found) = (Messages::default(), start, 0);
        for piece in random.pieces(&bytes) {
            let mut data = Bytes::copy_from_slice(piece);
            while let Some(message) = messages.next(&mut data, &mut room) {
                found += 5 + message.length as usize;
                if let Some(bytes) = message.bytes {
                    assert_eq!(bytes.len(), message.length as usize);
                    let _ = inflate(&bytes);
                }
            }
            assert!(data.is_empty(), "all of it is taken");
        }
        let part = messages.part().map_or(0, |(held, _)| held);
        assert_eq!(found + part, bytes.len(), "every byte is in a message");
        messages.end(&mut room);
        assert_eq!(room, start, "what was taken is given back");
    }
}

#[test]
fn mutation_of_fields() {
    let schema = Schema::parse([("shop.proto", PROTO)]).unwrap();
    let kind = schema.message("/shop.Shop/Find", Side::Server).unwrap();
    let order = b"\x08\x07\x12\x03tea\x1a\x02\x01\x02\x22\x02\x08\x05\x2a\x01\xff\x30\x01\x39\0\0\0\0\0\0\0\0";
    let mut random = Random::new();
    for _ in 0..cases(20_000) {
        let mut bytes = order.to_vec();
        random.mutate(&mut bytes);
        let bytes = Bytes::from(bytes);
        fields::read(&bytes, Some(&kind));
        fields::read(&bytes, None);
    }
}

#[tokio::test]
async fn mutation_passes_through_the_tap_unchanged() {
    let (mut random, recorded) = (Random::new(), recorded());
    for _ in 0..cases(2_000) {
        let mut bytes = recorded[random.below(2)].clone();
        random.mutate(&mut bytes);
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Tap::new().wrap(near, [Side::Client, Side::Server][random.below(2)]);
        let pieces = random.pieces(&bytes);
        let write = async {
            for piece in pieces {
                near.write_all(piece).await.unwrap();
            }
            near.shutdown().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, read) = tokio::join!(write, far.read_to_end(&mut received));
        read.unwrap();
        assert_eq!(received, bytes);

        far.write_all(&bytes[..bytes.len().min(60)]).await.unwrap();
        drop(far);
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, bytes[..bytes.len().min(60)]);
    }
}
