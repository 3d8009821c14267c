//! The side that connects.

use bytes::{Buf, Bytes};
use traitwire_http2::{
    BeginError, Config, Event, Fields, Reason, Settings,
    frame::{Frame, Kind, StreamId},
};

use crate::peer::{Peer, data, request, response, trailers};

fn asked() -> Peer {
    let mut peer = Peer::of_client(Config::default());
    assert_eq!(peer.engine.begin(&request(), true), Ok(StreamId(1)));
    peer.read();
    peer
}

fn statuses(status: &str) -> Fields {
    Fields::from_iter([(":status", status)])
}

#[test]
fn a_call() {
    let mut peer = Peer::of_client(Config::default());
    let stream = peer.engine.begin(&request(), false).unwrap();
    peer.engine.send_data(stream, Bytes::from_static(b"ask"), true).unwrap();
    let frames = peer.read();
    assert_eq!(peer.decoder.decode(&frames[0].1).unwrap(), request());
    assert_eq!((frames[1].0.flags, &frames[1].1[..]), (1, &b"ask"[..]));

    peer.send_headers(1, &response(), false);
    peer.send([data(1, b"answer", false)]);
    peer.send_headers(1, &trailers(), true);
    assert_eq!(
        peer.events(),
        [
            Event::Headers { stream, fields: response(), end_stream: false },
            Event::Data { stream, data: Bytes::from_static(b"answer"), end_stream: false },
            Event::Trailers { stream, fields: trailers() },
        ]
    );
    assert_eq!(peer.engine.streams(), 0);
    assert_eq!(peer.engine.begin(&request(), true), Ok(StreamId(3)));
}

/// §8.1 and §8.3.2.
#[test]
fn answers_that_are_malformed() {
    type Answer = fn(&mut Peer);
    let answers: [Answer; 10] = [
        |peer| peer.send_headers(1, &Fields::from_iter([("x", "no status")]), true),
        |peer| peer.send_headers(1, &statuses("20"), true),
        |peer| peer.send_headers(1, &statuses("+20"), true),
        |peer| peer.send_headers(1, &statuses("2000"), true),
        |peer| peer.send_headers(1, &statuses("101"), false),
        |peer| peer.send_headers(1, &statuses("100"), true),
        |peer| peer.send_headers(1, &Fields::from_iter([(":status", "200"), (":path", "/")]), true),
        |peer| peer.send([data(1, b"before the head", false)]),
        |peer| {
            peer.send_headers(1, &response(), false);
            peer.send_headers(1, &response(), true);
        },
        |peer| {
            let fields = [(":status", "200"), ("content-length", "3")];
            peer.send_headers(1, &Fields::from_iter(fields), false);
            peer.send([data(1, b"ab", true)]);
        },
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let mut peer = asked();
        answer(&mut peer);
        let reset =
            Event::Reset { stream: StreamId(1), reason: Reason::PROTOCOL_ERROR, by_peer: false };
        assert_eq!(peer.events().pop(), Some(reset), "answer {number}");
        assert_eq!(peer.resets(), [(1, Reason::PROTOCOL_ERROR)], "answer {number}");
    }
}

#[test]
fn informational_heads_come_before_the_answer() {
    let mut peer = asked();
    let stream = StreamId(1);
    peer.send_headers(1, &statuses("103"), false);
    peer.send_headers(1, &response(), true);
    assert_eq!(
        peer.events(),
        [
            Event::Informational { stream, fields: statuses("103") },
            Event::Headers { stream, fields: response(), end_stream: true },
        ]
    );
}

/// RFC 9110 §8.6: they say how long something is that they do not carry.
#[test]
fn lengths_of_what_is_not_there() {
    let length = ("content-length", "5");
    let mut peer = asked();
    peer.send_headers(1, &Fields::from_iter([(":status", "304"), length]), true);
    assert!(matches!(peer.events()[..], [Event::Headers { .. }]));

    let mut peer = Peer::of_client(Config::default());
    let head = [(":method", "HEAD"), (":scheme", "http"), (":path", "/")];
    peer.engine.begin(&Fields::from_iter(head), true).unwrap();
    peer.send_headers(1, &Fields::from_iter([(":status", "200"), length]), true);
    assert!(matches!(peer.events()[..], [Event::Headers { .. }]));
}

#[test]
fn no_more_streams_than_the_server_allows() {
    let mut peer = asked();
    let mut settings = Settings::default();
    settings.max_concurrent_streams = Some(1);
    peer.send([Frame::Settings(settings)]);
    peer.events();
    assert_eq!(peer.engine.begin(&request(), true), Err(BeginError::TooManyStreams));
    peer.send_headers(1, &response(), true);
    peer.events();
    assert_eq!(peer.engine.begin(&request(), true), Ok(StreamId(3)));
}

/// §6.6, §6.5.2, §5.1.1.
#[test]
fn what_a_server_may_not_do() {
    let mut push = Settings::default();
    push.enable_push = Some(true);
    type Fault = fn(&mut Peer);
    let faults: [Fault; 4] = [
        |peer| peer.send_raw(Kind::PUSH_PROMISE, 4, 1, &[0, 0, 0, 2, 0x82]),
        |peer| peer.send_headers(2, &response(), true),
        |peer| peer.send_headers(3, &response(), true),
        |peer| peer.send([data(3, b"", true)]),
    ];
    for fault in faults {
        let mut peer = asked();
        fault(&mut peer);
        assert_eq!(peer.fails().reason, Reason::PROTOCOL_ERROR);
    }
    let mut peer = asked();
    peer.send([Frame::Settings(push)]);
    assert_eq!(peer.fails().reason, Reason::PROTOCOL_ERROR);
}

#[test]
fn an_answer_to_a_stream_that_was_given_up_is_passed_over() {
    let mut peer = asked();
    peer.engine.reset(StreamId(1), Reason::CANCEL);
    assert_eq!(peer.resets(), [(1, Reason::CANCEL)]);
    peer.send_headers(1, &response(), false);
    peer.send([data(1, &[0; 10_000], true)]);
    assert_eq!(peer.events(), []);
    assert!(!peer.engine.output().has_remaining());
}

/// §8.1: a server may answer before it has read all, and say that it reads no more.
#[test]
fn an_early_answer_is_an_answer() {
    let mut peer = Peer::of_client(Config::default());
    let stream = peer.engine.begin(&request(), false).unwrap();
    peer.engine.send_data(stream, vec![0; 100_000].into(), false).unwrap();
    peer.read();
    peer.send_headers(1, &response(), true);
    peer.send([Frame::RstStream { stream, reason: Reason::NO_ERROR }]);
    let events = peer.events();
    assert!(matches!(events[0], Event::Headers { end_stream: true, .. }));
    assert_eq!(events[1], Event::Reset { stream, reason: Reason::NO_ERROR, by_peer: true });
    assert_eq!(peer.engine.streams(), 0);
}
