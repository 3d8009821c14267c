//! What each frame does in each state of a stream, §5.1.

use std::{fmt::Write, time::Duration};

use traitwire_http2::{
    Config, Reason,
    frame::{Kind, StreamId},
};

use crate::peer::{Peer, data, response, rst, trailers, window};

const STREAM: StreamId = StreamId(3);

/// Brings the stream into a state.
type Enter = fn(&mut Peer);

const STATES: [(&str, Enter); 8] = [
    ("idle", |_| {}),
    ("open", |peer| peer.begin(3, false)),
    ("half-closed (remote)", |peer| peer.begin(3, true)),
    ("half-closed (local)", |peer| {
        peer.begin(3, false);
        peer.events();
        peer.engine.send_headers(STREAM, &response(), true).unwrap();
    }),
    ("closed", |peer| {
        peer.begin(3, true);
        peer.events();
        peer.engine.send_headers(STREAM, &response(), true).unwrap();
    }),
    ("closed by the peer's reset", |peer| {
        peer.begin(3, false);
        peer.send([rst(3)]);
    }),
    ("closed by our reset", |peer| {
        peer.begin(3, false);
        peer.events();
        peer.engine.reset(STREAM, Reason::CANCEL);
    }),
    ("closed by our reset, long ago", |peer| {
        peer.begin(3, false);
        peer.events();
        peer.engine.reset(STREAM, Reason::CANCEL);
        peer.wait(Duration::from_secs(60));
    }),
];

const FRAMES: [(&str, Enter); 6] = [
    ("HEADERS", |peer| {
        let trailers = trailers();
        peer.send_headers(3, &trailers, true);
    }),
    ("DATA", |peer| peer.send([data(3, b"abc", false)])),
    ("PRIORITY", |peer| peer.send_raw(Kind::PRIORITY, 0, 3, &[0, 0, 0, 1, 16])),
    ("RST_STREAM", |peer| peer.send([rst(3)])),
    ("WINDOW_UPDATE", |peer| peer.send([window(3, 1)])),
    ("CONTINUATION", |peer| peer.send_raw(Kind::CONTINUATION, 4, 3, &[])),
];

fn outcome(enter: Enter, frame: Enter) -> String {
    let mut peer = Peer::of_server(Config::default());
    enter(&mut peer);
    peer.events();
    peer.read();
    frame(&mut peer);
    match peer.try_events() {
        Err(error) => format!("connection {}", error.reason),
        Ok(events) => match (peer.resets()[..].first(), &events[..]) {
            (Some((_, reason)), _) => format!("stream {reason}"),
            (None, []) => "nothing".to_owned(),
            (None, [event]) => {
                let event = format!("{event:?}");
                event.split(' ').next().unwrap().to_owned()
            }
            (None, more) => panic!("{more:?}"),
        },
    }
}

#[test]
fn each_frame_in_each_state() {
    let mut table = String::new();
    for (state, enter) in STATES {
        writeln!(table, "{state}").unwrap();
        for (name, frame) in FRAMES {
            writeln!(table, "  {name:<14} {}", outcome(enter, frame)).unwrap();
        }
    }
    // A frame of an idle stream other than HEADERS and PRIORITY is an error of the connection; what the peer
    // could not know, because it was on its way, is passed over; what it must know is an error.
    assert_eq!(
        table,
        "\
idle
  HEADERS        stream PROTOCOL_ERROR
  DATA           connection PROTOCOL_ERROR
  PRIORITY       nothing
  RST_STREAM     connection PROTOCOL_ERROR
  WINDOW_UPDATE  connection PROTOCOL_ERROR
  CONTINUATION   connection PROTOCOL_ERROR
open
  HEADERS        Trailers
  DATA           Data
  PRIORITY       nothing
  RST_STREAM     Reset
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
half-closed (remote)
  HEADERS        stream STREAM_CLOSED
  DATA           stream STREAM_CLOSED
  PRIORITY       nothing
  RST_STREAM     Reset
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
half-closed (local)
  HEADERS        Trailers
  DATA           Data
  PRIORITY       nothing
  RST_STREAM     Reset
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
closed
  HEADERS        connection STREAM_CLOSED
  DATA           stream STREAM_CLOSED
  PRIORITY       nothing
  RST_STREAM     nothing
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
closed by the peer's reset
  HEADERS        connection STREAM_CLOSED
  DATA           stream STREAM_CLOSED
  PRIORITY       nothing
  RST_STREAM     nothing
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
closed by our reset
  HEADERS        nothing
  DATA           nothing
  PRIORITY       nothing
  RST_STREAM     nothing
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
closed by our reset, long ago
  HEADERS        connection STREAM_CLOSED
  DATA           stream STREAM_CLOSED
  PRIORITY       nothing
  RST_STREAM     nothing
  WINDOW_UPDATE  nothing
  CONTINUATION   connection PROTOCOL_ERROR
"
    );
}

/// §5.1.1.
#[test]
fn identifiers_grow_and_are_odd() {
    let reason = |stream| {
        let mut peer = Peer::of_server(Config::default());
        peer.begin(5, true);
        peer.begin(stream, true);
        peer.fails().reason
    };
    assert_eq!(reason(2), Reason::PROTOCOL_ERROR);
    assert_eq!(reason(6), Reason::PROTOCOL_ERROR);
    // One that was passed over counts as closed.
    assert_eq!(reason(3), Reason::STREAM_CLOSED);
}

/// §3.4.
#[test]
fn the_preface_is_judged_at_its_first_wrong_byte() {
    let now = std::time::Instant::now();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for length in 0..preface.len() {
        let mut engine = traitwire_http2::Connection::server(Config::default(), now);
        for byte in &preface[..length] {
            engine.input().extend_from_slice(&[*byte]);
            assert_eq!(engine.next_event(now), Ok(None));
        }
        engine.input().extend_from_slice(b"~");
        assert_eq!(engine.next_event(now).unwrap_err().reason, Reason::PROTOCOL_ERROR);
    }
}

/// §3.4, §4.3, §6.6 and others: what ends a connection wherever it comes.
#[test]
fn frames_that_are_wrong_everywhere() {
    use Reason as R;
    let of_zero = |kind| (kind, 0, 0, 5, R::PROTOCOL_ERROR);
    let of_one = |kind, length| (kind, 0, 1, length, R::PROTOCOL_ERROR);
    for (kind, flags, stream, length, reason) in [
        of_zero(Kind::DATA),
        of_zero(Kind::HEADERS),
        of_zero(Kind::PRIORITY),
        of_zero(Kind::RST_STREAM),
        of_zero(Kind::CONTINUATION),
        of_one(Kind::SETTINGS, 0),
        of_one(Kind::PING, 8),
        of_one(Kind::GOAWAY, 8),
        of_one(Kind::PUSH_PROMISE, 8),
        (Kind::PRIORITY, 0, 1, 4, R::FRAME_SIZE_ERROR),
        (Kind::RST_STREAM, 0, 1, 5, R::FRAME_SIZE_ERROR),
        (Kind::SETTINGS, 0, 0, 5, R::FRAME_SIZE_ERROR),
        (Kind::SETTINGS, 1, 0, 6, R::FRAME_SIZE_ERROR),
        (Kind::PING, 0, 0, 7, R::FRAME_SIZE_ERROR),
        (Kind::GOAWAY, 0, 0, 7, R::FRAME_SIZE_ERROR),
        (Kind::WINDOW_UPDATE, 0, 0, 3, R::FRAME_SIZE_ERROR),
        (Kind::WINDOW_UPDATE, 0, 0, 4, R::PROTOCOL_ERROR),
        (Kind::DATA, 8, 1, 0, R::FRAME_SIZE_ERROR),
        (Kind::HEADERS, 4 | 0x20, 1, 4, R::FRAME_SIZE_ERROR),
        (Kind(99), 0, 0, 16_385, R::FRAME_SIZE_ERROR),
    ] {
        let mut peer = Peer::of_server(Config::default());
        peer.send_raw(kind, flags, stream, &vec![0; length]);
        assert_eq!(peer.fails().reason, reason, "{kind:?} of {length} bytes on {stream}");
    }
    // More padding than there is payload (§6.1), and a stream that depends on itself.
    for (kind, flags, payload) in [
        (Kind::DATA, 8, &[1][..]),
        (Kind::HEADERS, 4 | 8, &[2, 0]),
        (Kind::PRIORITY, 0, &[0, 0, 0, 1, 0]),
        (Kind::HEADERS, 4 | 0x20, &[0x80, 0, 0, 1, 0]),
    ] {
        let mut peer = Peer::of_server(Config::default());
        peer.send_raw(kind, flags, 1, payload);
        assert_eq!(peer.fails().reason, R::PROTOCOL_ERROR, "{kind:?} with {payload:?}");
    }
}

/// §6.5.2.
#[test]
fn settings_that_are_none() {
    for (id, value, reason) in [
        (2, 2, Reason::PROTOCOL_ERROR),
        (4, 1 << 31, Reason::FLOW_CONTROL_ERROR),
        (5, 16_383, Reason::PROTOCOL_ERROR),
        (5, 1 << 24, Reason::PROTOCOL_ERROR),
    ] {
        let mut peer = Peer::of_server(Config::default());
        peer.send_raw(Kind::SETTINGS, 0, 0, &[&[0, id][..], &u32::to_be_bytes(value)].concat());
        assert_eq!(peer.fails().reason, reason, "setting {id} = {value}");
    }
    let mut peer = Peer::of_server(Config::default());
    peer.send_raw(Kind::SETTINGS, 0, 0, &[0, 99, 1, 2, 3, 4]);
    peer.events();
    // Unknown ones are ignored, and acknowledged with the others.
    assert_eq!(peer.read()[0].0.flags, 1);
}

/// §4.3: nothing comes between the frames of a block.
#[test]
fn a_field_block_is_not_interrupted() {
    for interrupt in [
        (Kind::PING, 0, &[0; 8][..]),
        (Kind::DATA, 1, &[]),
        (Kind::CONTINUATION, 3, &[]),
        (Kind(77), 1, &[]),
    ] {
        let mut peer = Peer::of_server(Config::default());
        peer.send_raw(Kind::HEADERS, 0, 1, &[0x82]);
        let (kind, stream, payload) = interrupt;
        peer.send_raw(kind, 0, stream, payload);
        assert_eq!(peer.fails().reason, Reason::PROTOCOL_ERROR, "{kind:?}");
    }
}
