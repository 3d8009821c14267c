//! Flow control both ways, and who comes when.

use bytes::{Buf, Bytes};
use traitwire_http2::{
    Config, Event, Reason, SendError, Settings,
    frame::{Frame, Kind, StreamId},
};

use crate::peer::{Peer, data, initial_window, response, rst, trailers, window};

fn asked(config: Config, streams: &[u32]) -> Peer {
    let mut peer = Peer::of_server(config);
    for stream in streams {
        peer.begin(*stream, true);
    }
    peer.events();
    for stream in streams {
        peer.engine.send_headers(StreamId(*stream), &response(), false).unwrap();
    }
    peer.read();
    peer
}

fn zeros(length: usize) -> Bytes {
    vec![0; length].into()
}

#[test]
fn what_the_window_has_no_room_for_waits() {
    let mut peer = asked(Config::default(), &[1]);
    let stream = StreamId(1);
    peer.engine.send_data(stream, zeros(100_000), false).unwrap();
    peer.engine.send_trailers(stream, &trailers()).unwrap();
    assert_eq!(peer.data(), [(1, 16_384), (1, 16_384), (1, 16_384), (1, 16_383)]);
    assert_eq!((peer.engine.queued(stream), peer.engine.room(stream)), (34_465, 0));
    // Both windows have to have room.
    peer.send([window(1, 50_000)]);
    peer.events();
    assert_eq!(peer.data(), []);
    peer.send([window(0, 10)]);
    peer.events();
    assert_eq!(peer.data(), [(1, 10)]);
    peer.send([window(0, 50_000)]);
    peer.events();
    let frames = peer.read();
    let kinds: Vec<_> = frames.iter().map(|(head, _)| (head.kind, head.flags)).collect();
    assert_eq!(kinds, [(Kind::DATA, 0), (Kind::DATA, 0), (Kind::DATA, 0), (Kind::HEADERS, 5)]);
    assert_eq!(peer.engine.streams(), 0);
}

/// §6.9.2.
#[test]
fn an_initial_window_that_shrinks_makes_windows_negative() {
    let mut peer = asked(Config::default(), &[1]);
    peer.engine.send_data(StreamId(1), zeros(65_535), false).unwrap();
    assert_eq!(peer.data().len(), 4);
    peer.send([window(0, 100_000), initial_window(1_000), window(1, 64_535)]);
    peer.events();
    peer.engine.send_data(StreamId(1), zeros(10), true).unwrap();
    assert_eq!(peer.data(), []);
    peer.send([window(1, 3)]);
    peer.events();
    assert_eq!(peer.data(), [(1, 3)]);
    peer.send([initial_window(2_000)]);
    peer.events();
    assert_eq!(peer.data(), [(1, 7)]);
}

/// §6.9.1 and §6.9.2.
#[test]
fn windows_that_are_too_large() {
    let most = (1 << 31) - 1;
    let mut peer = asked(Config::default(), &[1]);
    peer.send([window(1, most)]);
    let reset =
        Event::Reset { stream: StreamId(1), reason: Reason::FLOW_CONTROL_ERROR, by_peer: false };
    assert_eq!(peer.events(), [reset]);
    assert_eq!(peer.resets(), [(1, Reason::FLOW_CONTROL_ERROR)]);
    peer.send([window(0, most)]);
    assert_eq!(peer.fails().reason, Reason::FLOW_CONTROL_ERROR);

    let mut peer = asked(Config::default(), &[1]);
    peer.send([window(1, 1), initial_window(most)]);
    assert_eq!(peer.fails().reason, Reason::FLOW_CONTROL_ERROR);
}

#[test]
fn streams_take_turns() {
    let mut config = Config::default();
    config.max_output = 200_000;
    let mut peer = asked(config, &[1, 3, 5]);
    peer.send([window(0, 1_000_000)]);
    peer.events();
    for (stream, length) in [(1, 60_000), (3, 20_000), (5, 20_000)] {
        peer.engine.send_data(StreamId(stream), zeros(length), true).unwrap();
    }
    let order: Vec<_> = peer.data().into_iter().map(|(stream, _)| stream).collect();
    assert_eq!(order, [1, 3, 5, 1, 3, 5, 1, 1]);
}

/// Also where the other one could go at once.
#[test]
fn nobody_overtakes_those_who_wait_for_the_window_of_the_connection() {
    let mut peer = asked(Config::default(), &[1, 3]);
    peer.engine.send_data(StreamId(1), zeros(65_535), false).unwrap();
    peer.send([window(1, 100)]);
    peer.events();
    peer.engine.send_data(StreamId(1), zeros(100), false).unwrap();
    peer.read();
    peer.send([window(0, 100)]);
    peer.events();
    peer.engine.send_data(StreamId(3), zeros(100), false).unwrap();
    assert_eq!(peer.data(), [(1, 100)]);
}

#[test]
fn the_output_has_a_bound_and_what_is_behind_can_be_dropped() {
    let mut peer = asked(Config::default(), &[1]);
    peer.send([window(0, 1 << 30), window(1, 1 << 30)]);
    peer.events();
    let stream = StreamId(1);
    peer.engine.send_data(stream, zeros(1 << 20), false).unwrap();
    peer.engine.send_trailers(stream, &trailers()).unwrap();
    assert!((64 << 10..82 << 10).contains(&peer.engine.output().remaining()));
    assert!(peer.engine.queued(stream) > 900_000);
    peer.engine.discard(stream);
    assert_eq!(peer.engine.queued(stream), 0);
    assert_eq!(peer.read().last().unwrap().0.kind, Kind::HEADERS);
    assert_eq!(peer.engine.streams(), 0);
}

#[test]
fn the_end_of_a_queue_is_told() {
    let mut peer = asked(Config::default(), &[1]);
    let stream = StreamId(1);
    peer.engine.send_data(stream, zeros(100), false).unwrap();
    peer.read();
    assert_eq!(peer.events(), [], "it never waited");
    peer.engine.send_data(stream, zeros(70_000), false).unwrap();
    peer.read();
    assert_eq!(peer.events(), []);
    peer.send([window(0, 70_000), window(1, 70_000)]);
    assert_eq!(peer.events(), []);
    peer.read();
    assert_eq!(peer.events(), [Event::Drained { stream }]);
    assert_eq!(peer.engine.room(stream), 65_435);
}

#[test]
fn what_can_be_sent_when() {
    let mut peer = Peer::of_server(Config::default());
    let (stream, head) = (StreamId(1), response());
    assert_eq!(peer.engine.send_headers(stream, &head, true), Err(SendError::Closed));
    peer.begin(1, false);
    peer.events();
    assert_eq!(peer.engine.send_data(stream, zeros(1), false), Err(SendError::OutOfOrder));
    assert_eq!(peer.engine.send_trailers(stream, &trailers()), Err(SendError::OutOfOrder));
    assert_eq!(peer.engine.send_informational(stream, &head), Ok(()));
    assert_eq!(peer.engine.send_headers(stream, &head, false), Ok(()));
    assert_eq!(peer.engine.send_headers(stream, &head, false), Err(SendError::OutOfOrder));
    assert_eq!(peer.engine.send_informational(stream, &head), Err(SendError::OutOfOrder));
    assert_eq!(peer.engine.send_data(stream, zeros(1), true), Ok(()));
    assert_eq!(peer.engine.send_data(stream, zeros(1), false), Err(SendError::Closed));
    assert_eq!(peer.engine.send_trailers(stream, &trailers()), Err(SendError::Closed));
}

/// What was received is given back when it is released, and never more than that; and what a stream holds when
/// it ends, however it ends, is not lost to the connection.
#[test]
fn windows_of_the_peer() {
    /// How much the connection's window has grown by.
    fn given(peer: &mut Peer, stream: u32) -> u32 {
        let frames = peer.read();
        let updates = frames.iter().filter_map(|(head, payload)| {
            match Frame::read(head, payload).expect("a frame") {
                Frame::WindowUpdate { increment, .. } if head.stream.0 == stream => Some(increment),
                _ => None,
            }
        });
        updates.sum()
    }
    type Close = fn(&mut Peer, u32);
    let released: Close = |peer, stream| peer.engine.release(StreamId(stream), 10_000);
    let released_too_much: Close = |peer, stream| peer.engine.release(StreamId(stream), 1 << 40);
    let reset: Close = |peer, stream| peer.engine.reset(StreamId(stream), Reason::CANCEL);
    let reset_by_peer: Close = |peer, stream| peer.send([rst(stream)]);
    let malformed: Close = |peer, stream| peer.send_headers(stream, &response(), true);
    let ended: Close = |peer, stream| {
        peer.send([data(stream, &[], true)]);
        peer.engine.send_headers(StreamId(stream), &response(), true).unwrap();
    };
    for close in [released, released_too_much, reset, reset_by_peer, malformed, ended] {
        let mut config = Config::default();
        config.connection_window_size = 100_000;
        let mut peer = Peer::of_server(config);
        let mut total = 0;
        for stream in (1..100).step_by(2) {
            peer.begin(stream, false);
            peer.send([data(stream, &[0; 10_000], false)]);
            peer.events();
            assert_eq!(given(&mut peer, stream), 0);
            close(&mut peer, stream);
            peer.events();
            total += given(&mut peer, 0);
        }
        // Half a window at a time, so the last ones may not have been told.
        assert_eq!(total, 500_000);
    }
}

/// DATA that nobody is given is given back to the connection at once: for a stream that was reset, one that has
/// ended, and one whose own window it is too much for.
#[test]
fn what_nobody_is_given_is_not_lost_to_the_connection() {
    type Unwanted = fn(&mut Peer, u32);
    let reset: Unwanted = |peer, stream| {
        peer.begin(stream, false);
        peer.events();
        peer.engine.reset(StreamId(stream), Reason::CANCEL);
    };
    let ended: Unwanted = |peer, stream| peer.begin(stream, true);
    let full: Unwanted = |peer, stream| peer.begin(stream, false);
    for (unwanted, length) in [(reset, 5_000), (ended, 5_000), (full, 11_000)] {
        let mut config = Config::default();
        config.initial_window_size = 10_000;
        config.connection_window_size = 65_535;
        let mut peer = Peer::of_server(config);
        for stream in (1..200).step_by(2) {
            unwanted(&mut peer, stream);
            peer.send([data(stream, &vec![0; length], false)]);
            peer.events();
            peer.read();
        }
    }
}

/// Its peer sends nothing more.
#[test]
fn a_stream_that_has_ended_is_told_no_window() {
    let mut config = Config::default();
    config.initial_window_size = 1_000;
    let mut peer = Peer::of_server(config);
    peer.begin(1, false);
    peer.send([data(1, &[0; 1_000], true)]);
    peer.events();
    peer.engine.release(StreamId(1), 1_000);
    assert_eq!(peer.read(), []);
}

#[test]
fn a_stream_that_is_reset_while_it_waits_loses_its_turn() {
    for by_peer in [true, false] {
        let mut peer = asked(Config::default(), &[1, 3]);
        for stream in [1, 3] {
            peer.engine.send_data(StreamId(stream), zeros(20_000), true).unwrap();
        }
        match by_peer {
            true => peer.send([rst(1)]),
            false => peer.engine.reset(StreamId(1), Reason::CANCEL),
        }
        peer.events();
        assert_eq!(peer.data(), [(3, 16_384), (3, 3_616)]);
    }
}

#[test]
fn padding_counts_and_is_given_back_at_once() {
    let mut config = Config::default();
    config.initial_window_size = 1_000;
    let mut peer = Peer::of_server(config);
    peer.begin(1, false);
    peer.events();
    for _ in 0..100 {
        peer.send_raw(Kind::DATA, 8, 1, &[&[255][..], b"a", &[0; 255]].concat());
        let [Event::Data { data, .. }] = &peer.events()[..] else { panic!("no data") };
        assert_eq!(data[..], b"a"[..]);
        peer.engine.release(StreamId(1), 1);
    }
}

#[test]
fn more_data_than_the_window() {
    let mut config = Config::default();
    config.initial_window_size = 10;
    let mut peer = Peer::of_server(config.clone());
    peer.begin(1, false);
    peer.send([data(1, &[0; 10], false), data(1, &[0], false)]);
    peer.events();
    assert_eq!(peer.resets(), [(1, Reason::FLOW_CONTROL_ERROR)]);

    config.initial_window_size = 1 << 20;
    config.connection_window_size = 0;
    let mut peer = Peer::of_server(config);
    peer.begin(1, false);
    for _ in 0..6 {
        peer.send([data(1, &[0; 13_107], false)]);
    }
    assert_eq!(peer.fails().reason, Reason::FLOW_CONTROL_ERROR);
}

/// Until it has acknowledged ours, a peer may go by the protocol's own values.
#[test]
fn smaller_settings_count_from_their_acknowledgement() {
    let mut config = Config::default();
    config.initial_window_size = 10;
    let now = std::time::Instant::now();
    let mut engine = traitwire_http2::Connection::server(config, now);
    engine.input().extend_from_slice(traitwire_http2::frame::PREFACE);
    let mut peer = Peer::around(engine, now);
    peer.send([Frame::Settings(Settings::default())]);
    peer.begin(1, false);
    peer.begin(3, false);
    peer.send([data(1, &[0; 100], false), Frame::SettingsAck, data(3, &[0; 10], false)]);
    peer.events();
    assert_eq!(peer.resets(), []);
    peer.send([data(1, &[0; 1], false), data(3, &[0], false)]);
    peer.events();
    let closed = Reason::FLOW_CONTROL_ERROR;
    assert_eq!(peer.resets(), [(1, closed), (3, closed)]);
}
