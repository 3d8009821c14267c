//! What a peer may cost, besides [floods](crate::floods).

use bytes::Buf;
use traitwire_http2::{
    Config, Event, Fields, Rate, Reason, Settings,
    frame::{Frame, Kind, StreamId},
};

use crate::peer::{Peer, data, headers, request, response, rst, window};

/// One step of a flood, by its number.
pub(crate) type Step = fn(&mut Peer, u32);

/// A number of a client's stream.
pub(crate) const fn stream(number: u32) -> u32 {
    2 * number + 1
}

/// Reads all that there is.
pub(crate) fn drain(peer: &mut Peer) {
    let output = peer.engine.output();
    output.advance(output.remaining());
}

/// An honest client that gives up a call now and then, or all that it has, goes on for ever.
#[test]
fn resets_between_calls_that_end_are_nothing() {
    let mut config = Config::default();
    config.resets = Rate::new(2, 0);
    let mut peer = Peer::of_server(config);
    for number in 0..1_000 {
        peer.begin(stream(number), true);
        peer.events();
        if number % 2 == 0 {
            peer.engine.send_headers(StreamId(stream(number)), &response(), true).unwrap();
        } else {
            peer.send([rst(stream(number))]);
        }
        peer.events();
        drain(&mut peer);
    }
    // One that was answered cost what an answer costs, also when its request has not ended.
    let mut config = Config::default();
    config.resets = Rate::new(2, 0);
    let mut peer = Peer::of_server(config);
    for number in 0..100 {
        peer.begin(stream(number), false);
        peer.events();
        peer.engine.send_headers(StreamId(stream(number)), &response(), true).unwrap();
        peer.send([rst(stream(number))]);
        peer.events();
    }
    // All at once, as when a network was away.
    let mut peer = Peer::of_server(Config::default());
    (0..200).for_each(|number| peer.begin(stream(number), true));
    (0..200).for_each(|number| peer.send([rst(stream(number))]));
    assert_eq!(peer.events().len(), 400);
}

/// A client that measures with a PING for each message, or updates two windows for each, does some work too.
#[test]
fn control_frames_beside_messages_are_nothing() {
    let mut peer = Peer::of_server(Config::default());
    peer.begin(1, false);
    for _ in 0..10_000 {
        peer.send([
            data(1, &[0; 300], false),
            Frame::Ping { ack: false, payload: [0; 8] },
            window(0, 1),
        ]);
        peer.events();
        peer.engine.release(StreamId(1), 300);
        drain(&mut peer);
    }
}

/// VU#421644: bounded by number and by bytes.
#[test]
fn continuations_are_bounded() {
    for (fragment, detail) in [
        (&[][..], "too_many_continuations"),
        (&[0x82; 10], "too_many_continuations"),
        (&[0x82; 16_384], "too_many_header_bytes"),
    ] {
        let mut peer = Peer::of_server(Config::default());
        peer.send_raw(Kind::HEADERS, 0, 1, fragment);
        for _ in 0..20 {
            peer.send_raw(Kind::CONTINUATION, 0, 1, fragment);
        }
        let error = peer.fails();
        assert_eq!((error.reason, error.detail), (Reason::ENHANCE_YOUR_CALM, detail));
    }
    // As many as a block of the allowed length may need.
    let mut peer = Peer::of_server(Config::default());
    let mut block = Vec::new();
    peer.encoder.encode(&request(), &mut block);
    peer.send_raw(Kind::HEADERS, 1, 1, &[]);
    block.iter().take(2).for_each(|byte| peer.send_raw(Kind::CONTINUATION, 0, 1, &[*byte]));
    peer.send_raw(Kind::CONTINUATION, 4, 1, &block[2..]);
    assert!(matches!(peer.events()[..], [Event::Headers { .. }]));
}

/// A field that is remembered and then named again and again, a byte each time.
#[test]
fn fields_that_grow_when_they_are_decoded() {
    let bomb = |times: usize| {
        let value = [&[0x40, 1, b'x', 0x7f, 0xa1, 0x1e][..], &[b'y'; 4_000]].concat();
        [value, vec![0x80 | 62; times]].concat()
    };
    for (times, expected) in
        [(3, "taken"), (4, "431"), (15, "431"), (16, "fails"), (10_000, "fails")]
    {
        let mut peer = Peer::of_server(Config::default());
        let mut block = Vec::new();
        let mut fields = request();
        fields.push("z", "w");
        peer.encoder.encode(&fields, &mut block);
        // It stands before the entry of `z`, which the encoder has made.
        block.extend(bomb(times));
        peer.send([headers(1, &block, true)]);
        match expected {
            "taken" => assert!(matches!(peer.events()[..], [Event::Headers { .. }])),
            "431" => {
                assert_eq!(peer.events(), []);
                let (head, block) = &peer.read()[0];
                assert_eq!((head.kind, head.flags), (Kind::HEADERS, 5));
                let answer = peer.decoder.decode(block).unwrap();
                assert_eq!(answer, Fields::from_iter([(":status", "431")]));
                // The tables are the same still.
                peer.send([headers(3, &[0x83, 0x86, 0x84, 0x80 | 62], true)]);
                let [Event::Headers { fields, .. }] = &peer.events()[..] else { panic!() };
                assert_eq!(fields.iter().last().unwrap().value.len(), 4_000);
            }
            _ => {
                let error = peer.fails();
                assert_eq!(error.reason, Reason::ENHANCE_YOUR_CALM);
                assert_eq!(error.detail, "too_many_header_bytes");
            }
        }
    }
}

/// §5.1.2: one more is refused, and can be begun when another one has ended.
#[test]
fn streams_are_bounded() {
    let mut config = Config::default();
    config.max_concurrent_streams = 2;
    let mut peer = Peer::of_server(config);
    [1, 3, 5].into_iter().for_each(|stream| peer.begin(stream, true));
    assert_eq!(peer.events().len(), 2);
    assert_eq!(peer.resets(), [(5, Reason::REFUSED_STREAM)]);
    peer.engine.send_headers(StreamId(1), &response(), true).unwrap();
    peer.begin(7, true);
    assert!(matches!(peer.events()[..], [Event::Headers { stream: StreamId(7), .. }]));
}

/// How many resets are remembered is bounded too; those beyond are faults again.
#[test]
fn resets_that_are_remembered_are_bounded() {
    let mut config = Config::default();
    config.remembered_resets = 2;
    let mut peer = Peer::of_server(config);
    for stream in [1, 3, 5] {
        peer.begin(stream, false);
        peer.events();
        peer.engine.reset(StreamId(stream), Reason::CANCEL);
    }
    peer.read();
    peer.send([data(5, &[0], false), data(1, &[0], false)]);
    peer.events();
    assert_eq!(peer.resets(), [(1, Reason::STREAM_CLOSED)]);
}

/// What waits in small pieces counts for what it takes to keep them, until it is released.
#[test]
fn small_data_is_bounded() {
    let send = |release: bool| {
        let mut config = Config::default();
        config.small_data = 25_600;
        let mut peer = Peer::of_server(config);
        peer.begin(1, false);
        for number in 0..1_000 {
            peer.send([data(1, &[0], false)]);
            if let Err(error) = peer.try_events() {
                assert_eq!(error.detail, "too_much_small_data");
                return number;
            }
            // The reader is always ten behind.
            if release && number >= 10 {
                peer.engine.release(StreamId(1), 1);
            }
        }
        1_000
    };
    assert_eq!(send(false), 25_600 / 255);
    assert_eq!(send(true), 1_000);

    // It goes with its stream.
    let mut config = Config::default();
    config.small_data = 25_600;
    let mut peer = Peer::of_server(config);
    for number in 0..100 {
        peer.begin(stream(number), false);
        (0..90).for_each(|_| peer.send([data(stream(number), &[0], false)]));
        peer.events();
        peer.engine.reset(StreamId(stream(number)), Reason::CANCEL);
    }
}

/// CVE-2019-9517: a peer that reads nothing makes nothing grow. The engine stops reading, and goes on when it
/// has written.
#[test]
fn a_peer_that_does_not_read_is_not_read() {
    let mut config = Config::default();
    config.control_frames.burst = u32::MAX;
    let pings: Step = |peer, _| peer.send([Frame::Ping { ack: false, payload: [0; 8] }]);
    let empty_answers: Step = |peer, number| {
        peer.begin(stream(number), true);
        if let Ok(Some(Event::Headers { stream, .. })) = peer.try_event() {
            peer.engine.send_headers(stream, &response(), true).unwrap();
        }
    };
    for step in [pings, empty_answers] {
        let mut peer = Peer::of_server(config.clone());
        for number in 0..20_000 {
            step(&mut peer, number);
            while let Ok(Some(_)) = peer.try_event() {}
        }
        let waiting = peer.engine.output().remaining();
        assert!((64 << 10..68 << 10).contains(&waiting), "{waiting}");
        assert!(peer.engine.input().len() > 50_000, "it would read on");
        while !peer.read().is_empty() {
            while let Ok(Some(event)) = peer.try_event() {
                if let Event::Headers { stream, .. } = event {
                    peer.engine.send_headers(stream, &response(), true).unwrap();
                }
            }
        }
        assert!(peer.engine.input().is_empty());
    }
}

/// One setting a thousand times in a frame is felt by the streams once.
#[test]
fn settings_are_applied_once_a_frame() {
    let mut peer = Peer::of_server(Config::default());
    peer.begin(1, true);
    peer.events();
    // One after the other they would be too large for the window between.
    let entry = |size: u32| [&[0, 4][..], &size.to_be_bytes()].concat();
    let payload = [entry((1 << 31) - 1), entry(0), entry(100)].concat();
    peer.send([window(1, 100)]);
    peer.send_raw(Kind::SETTINGS, 0, 0, &payload);
    assert_eq!(peer.events(), [Event::Settings]);
    assert_eq!(peer.engine.peer_settings().initial_window_size, 100);
}

/// A table that the peer asks for is not made as large as it says.
#[test]
fn the_encoders_table_is_bounded() {
    let mut peer = Peer::of_server(Config::default());
    let mut settings = Settings::default();
    settings.header_table_size = Some(u32::MAX);
    peer.send([Frame::Settings(settings)]);
    peer.begin(1, true);
    peer.events();
    drain(&mut peer);
    let mut fields = response();
    (0..1_000).for_each(|number| fields.push("x-number", number.to_string()));
    peer.engine.send_headers(StreamId(1), &fields, true).unwrap();
    let (_, block) = &peer.read()[0];
    // Its decoder has the 4 KiB of the protocol, and follows.
    assert_eq!(peer.decoder.decode(block).unwrap(), fields);
}

/// Of a buffer that was read, nobody keeps more than sixteen times what it was given.
#[test]
fn a_piece_of_data_does_not_keep_a_buffer() {
    let mut peer = Peer::of_server(Config::default());
    peer.begin(1, false);
    peer.send([data(1, &[7; 1_023], false), data(1, &[7; 2_000], false)]);
    let events = peer.events();
    let [_, Event::Data { data: small, .. }, Event::Data { data: large, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(small.is_unique(), "it has memory of its own");
    assert!(!large.is_unique(), "it was not copied");
}
