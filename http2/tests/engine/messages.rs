//! Requests and responses, §8: which are malformed, and that it costs a stream and no other one.

use traitwire_http2::{Config, Event, Fields, Known, Reason, frame::Kind};

use crate::peer::{Peer, data, request, response};

/// How a request with these fields goes: `None` where it is one.
fn refused(fields: &[(&str, &str)], end_stream: bool) -> Option<Reason> {
    let mut peer = Peer::of_server(Config::default());
    peer.send_headers(1, &fields.iter().copied().collect(), end_stream);
    let is_there = matches!(peer.events()[..], [Event::Headers { .. }]);
    let reset = peer.resets().first().map(|(_, reason)| *reason);
    assert_ne!(is_there, reset.is_some());
    // The connection goes on, and its table is the same on both sides.
    peer.begin(3, true);
    assert!(matches!(&peer.events()[..], [Event::Headers { fields, .. }] if *fields == request()));
    reset
}

const GOOD: [(&str, &str); 3] = [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C")];

fn with(more: &[(&str, &str)]) -> Option<Reason> {
    refused(&[&GOOD[..], more].concat(), false)
}

#[test]
fn fields_that_a_request_may_have() {
    for more in [
        &[][..],
        &[(":authority", "example.com")],
        &[("te", "trailers")],
        &[("te", "Trailers")],
        &[("content-length", "5")],
        &[("content-length", "5"), ("content-length", "5")],
        &[("x", "")],
        &[("x", "with\ttab, ünicode and a space at the end ")],
        &[("!#$%&'*+-.^_`|~09az", "token")],
    ] {
        assert_eq!(with(more), None, "{more:?}");
    }
}

#[test]
fn fields_that_make_a_request_malformed() {
    for more in [
        // §8.2.1
        ("X", "upper case"),
        ("a b", "space"),
        ("", "nothing"),
        ("a:b", "colon"),
        ("é", "not ASCII"),
        ("x", "line\r\nfeed"),
        ("x", "zero\0"),
        ("x", "del\x7f"),
        // §8.2.2
        ("connection", "close"),
        ("proxy-connection", "close"),
        ("keep-alive", "1"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("te", "trailers, gzip"),
        // §8.3
        (":path", "/twice"),
        (":method", "POST"),
        (":status", "200"),
        (":unknown", "x"),
        (":protocol", "websocket"),
        // RFC 9110 §8.6
        ("content-length", ""),
        ("content-length", "-1"),
        ("content-length", "+1"),
        ("content-length", "0x1"),
        ("content-length", "99999999999999999999"),
    ] {
        assert_eq!(with(&[more]), Some(Reason::PROTOCOL_ERROR), "{more:?}");
    }
    let late = &[("x", "y"), (":authority", "example.com")];
    assert_eq!(with(late), Some(Reason::PROTOCOL_ERROR));
    let differ = &[("content-length", "5"), ("content-length", "6")];
    assert_eq!(with(differ), Some(Reason::PROTOCOL_ERROR));
}

/// §8.3.1 and §8.5.
#[test]
fn fields_that_a_request_must_have() {
    for missing in 0..GOOD.len() {
        let mut fields = GOOD.to_vec();
        fields.remove(missing);
        assert_eq!(refused(&fields, true), Some(Reason::PROTOCOL_ERROR), "{fields:?}");
    }
    for (method, path, expected) in [
        ("OPTIONS", "*", None),
        ("GET", "*", Some(Reason::PROTOCOL_ERROR)),
        ("GET", "", Some(Reason::PROTOCOL_ERROR)),
        ("GET", "a", Some(Reason::PROTOCOL_ERROR)),
        ("", "/", Some(Reason::PROTOCOL_ERROR)),
        ("CONNECT", "/", Some(Reason::PROTOCOL_ERROR)),
    ] {
        let fields = [(":method", method), (":scheme", "http"), (":path", path)];
        assert_eq!(refused(&fields, true), expected, "{method} {path}");
    }
    let tunnel = [(":method", "CONNECT"), (":authority", "example.com:443")];
    assert_eq!(refused(&tunnel, false), None);
    assert_eq!(refused(&tunnel[..1], false), Some(Reason::PROTOCOL_ERROR));
}

/// §8.1.1.
#[test]
fn content_is_as_long_as_it_says() {
    assert_eq!(
        refused(&[&GOOD[..], &[("content-length", "1")]].concat(), true),
        Some(Reason::PROTOCOL_ERROR)
    );
    assert_eq!(refused(&[&GOOD[..], &[("content-length", "0")]].concat(), true), None);
    for (pieces, is_right) in [
        (&[3_usize, 2][..], true),
        (&[5], true),
        (&[3, 1], false),
        (&[3, 3], false),
        (&[0, 5], true),
    ] {
        let mut peer = Peer::of_server(Config::default());
        let fields = GOOD.into_iter().chain([("content-length", "5")]).collect();
        peer.send_headers(1, &fields, false);
        for (number, length) in pieces.iter().enumerate() {
            peer.send([data(1, &vec![0; *length], number == pieces.len() - 1)]);
        }
        let resets = peer.events().iter().filter(|it| matches!(it, Event::Reset { .. })).count();
        assert_eq!(resets == 0, is_right, "{pieces:?}");
        let expected = if is_right { vec![] } else { vec![(1, Reason::PROTOCOL_ERROR)] };
        assert_eq!(peer.resets(), expected, "{pieces:?}");
    }
}

/// §8.1.
#[test]
fn trailers_end_their_stream_and_have_no_pseudo_header_fields() {
    for (name, end_stream, is_right) in
        [("grpc-status", true, true), ("grpc-status", false, false), (":path", true, false)]
    {
        let mut peer = Peer::of_server(Config::default());
        peer.begin(1, false);
        peer.send_headers(1, &Fields::from_iter([(name, "0")]), end_stream);
        let events = peer.events();
        assert_eq!(matches!(events[..], [_, Event::Trailers { .. }]), is_right);
        assert_eq!(peer.resets().is_empty(), is_right);
    }
}

#[test]
fn what_is_known_of_fields_is_known_wherever_they_stand() {
    let names = [
        ("grpc-timeout", Known::GrpcTimeout),
        ("content-type", Known::ContentType),
        ("user-agent", Known::UserAgent),
        ("grpc-encoding", Known::GrpcEncoding),
    ];
    let mut peer = Peer::of_server(Config::default());
    for stream in [1, 3, 5] {
        let mut fields = request();
        names.iter().for_each(|(name, _)| fields.push(name, format!("{name}{stream}")));
        peer.send_headers(stream, &fields, true);
        let [Event::Headers { fields, .. }] = &peer.events()[..] else { panic!("no request") };
        assert_eq!(fields.path(), Some("/a.B/C"));
        for (name, known) in names {
            assert_eq!(fields.get(known), Some(format!("{name}{stream}").as_bytes()));
        }
    }
}

/// A value that is none is remembered with its name, and neither makes the name a wrong one nor becomes right.
#[test]
fn a_wrong_value_in_the_table_costs_those_who_name_it() {
    let mut peer = Peer::of_server(Config::default());
    for (stream, value, is_right) in [
        (
            1, "
", false,
        ),
        (3, "right", true),
        (
            5, "
", false,
        ),
        (7, "right", true),
    ] {
        let mut fields = request();
        fields.push("x", value);
        peer.send_headers(stream, &fields, true);
        assert_eq!(matches!(peer.events()[..], [Event::Headers { .. }]), is_right, "{value:?}");
    }
}

/// A block longer than a frame goes on in CONTINUATION (§4.3), both ways.
#[test]
fn long_blocks() {
    let mut config = Config::default();
    config.max_header_list_size = 100_000;
    let mut peer = Peer::of_server(config);
    let value = "\x7e".repeat(40_000);
    let mut fields = request();
    fields.push("x", &value);
    let mut block = Vec::new();
    peer.encoder.encode(&fields, &mut block);
    let (first, rest) = block.split_at(16_384);
    peer.send_raw(Kind::HEADERS, 1, 1, first);
    let last = rest.len().div_ceil(16_384) - 1;
    for (number, fragment) in rest.chunks(16_384).enumerate() {
        peer.send_raw(Kind::CONTINUATION, if number == last { 4 } else { 0 }, 1, fragment);
    }
    let [Event::Headers { stream, fields: received, end_stream: true }] = &peer.events()[..] else {
        panic!("no request")
    };
    assert_eq!(*received, fields);

    let mut fields = response();
    fields.push("x", &value);
    peer.engine.send_headers(*stream, &fields, true).unwrap();
    let frames = peer.read();
    let lengths: Vec<_> = frames.iter().map(|(it, _)| (it.kind, it.flags, it.length)).collect();
    assert!(matches!(
        lengths[..],
        [(Kind::HEADERS, 1, 16_384), (Kind::CONTINUATION, 0, 16_384), (Kind::CONTINUATION, 4, _)]
    ));
    let block: Vec<u8> = frames.into_iter().flat_map(|(_, payload)| payload).collect();
    assert_eq!(peer.decoder.decode(&block).unwrap(), fields);
}
