//! The end of a connection, §6.8.

use bytes::Bytes;
use traitwire_http2::{
    BeginError, Config, Event, Reason,
    frame::{Frame, StreamId},
};

use crate::peer::{Peer, data, request, response, rst, window};

fn goaways(peer: &mut Peer) -> Vec<(u32, Reason)> {
    let frames = peer.read();
    let goaways = frames.iter().filter_map(|(head, payload)| match Frame::read(head, payload) {
        Ok(Frame::GoAway { last_stream, reason, .. }) => Some((last_stream.0, reason)),
        _ => None,
    });
    goaways.collect()
}

/// The first GOAWAY lets in what is on its way, and the second says what was.
#[test]
fn a_server_goes_in_two_steps() {
    let mut peer = Peer::of_server(Config::default());
    peer.begin(1, true);
    peer.events();
    peer.engine.shut_down();
    peer.engine.shut_down();
    let frames = peer.read();
    let Ok(Frame::GoAway { last_stream: StreamId::MAX, reason: Reason::NO_ERROR, .. }) =
        Frame::read(&frames[0].0, &frames[0].1)
    else {
        panic!("{frames:?}")
    };
    let Ok(Frame::Ping { ack: false, payload }) = Frame::read(&frames[1].0, &frames[1].1) else {
        panic!("{frames:?}")
    };
    assert_eq!(frames.len(), 2);

    // It was on its way.
    peer.begin(3, true);
    assert!(matches!(peer.events()[..], [Event::Headers { .. }]));
    peer.send([Frame::Ping { ack: true, payload }]);
    peer.events();
    assert_eq!(goaways(&mut peer), [(3, Reason::NO_ERROR)]);

    // This one was not, and nothing becomes of it, whatever comes.
    peer.begin(5, false);
    peer.send([data(5, &[0; 100], false), window(5, 1), rst(5)]);
    peer.begin(7, true);
    assert_eq!(peer.events(), []);
    assert_eq!(peer.read(), []);

    assert!(!peer.engine.is_over());
    for stream in [1, 3] {
        peer.engine.send_headers(StreamId(stream), &response(), true).unwrap();
    }
    assert!(peer.engine.is_over());
}

#[test]
fn a_close_says_which_streams_were_looked_at() {
    let mut peer = Peer::of_server(Config::default());
    peer.begin(1, true);
    peer.begin(3, true);
    peer.events();
    peer.engine.close(Reason::INTERNAL_ERROR, "a test");
    peer.engine.close(Reason::NO_ERROR, "once");
    assert_eq!(goaways(&mut peer), [(3, Reason::INTERNAL_ERROR)]);
    assert!(peer.engine.is_over());
    peer.begin(5, true);
    assert_eq!(peer.events(), []);
}

/// §8.7: what the server has not looked at can be tried again, and the rest goes on.
#[test]
fn a_client_learns_which_requests_are_lost() {
    let mut peer = Peer::of_client(Config::default());
    for _ in 0..4 {
        peer.engine.begin(&request(), true).unwrap();
    }
    let goaway = |last| Frame::GoAway {
        last_stream: StreamId(last),
        reason: Reason::NO_ERROR,
        debug: b"restart",
    };
    peer.send([goaway(u32::MAX >> 1)]);
    assert!(matches!(peer.events()[..], [Event::GoAway { .. }]));
    assert_eq!(peer.engine.begin(&request(), true), Err(BeginError::GoingAway));

    peer.send([goaway(3)]);
    let lost = |stream| Event::Reset {
        stream: StreamId(stream),
        reason: Reason::REFUSED_STREAM,
        by_peer: true,
    };
    let told = Event::GoAway {
        last_stream: StreamId(3),
        reason: Reason::NO_ERROR,
        debug: Bytes::from_static(b"restart"),
    };
    assert_eq!(peer.events(), [lost(5), lost(7), told]);

    for stream in [1, 3] {
        assert!(!peer.engine.is_over());
        peer.send_headers(stream, &response(), true);
        peer.events();
    }
    assert!(peer.engine.is_over());

    // It may become less, and never more.
    peer.send([goaway(1), goaway(3)]);
    assert_eq!(peer.fails().reason, Reason::PROTOCOL_ERROR);
}

#[test]
fn a_client_goes_when_its_streams_have_ended() {
    let mut peer = Peer::of_client(Config::default());
    peer.engine.begin(&request(), true).unwrap();
    peer.engine.shut_down();
    assert_eq!(goaways(&mut peer), [(0, Reason::NO_ERROR)]);
    assert_eq!(peer.engine.begin(&request(), true), Err(BeginError::GoingAway));
    assert!(!peer.engine.is_over());
    peer.send_headers(1, &response(), true);
    peer.events();
    assert!(peer.engine.is_over());
}

#[test]
fn a_ping_is_answered_both_ways() {
    let mut peer = Peer::of_server(Config::default());
    let payload = *b"are you?";
    peer.send([Frame::Ping { ack: false, payload }]);
    assert_eq!(peer.events(), []);
    let frames = peer.read();
    assert_eq!(Frame::read(&frames[0].0, &frames[0].1), Ok(Frame::Ping { ack: true, payload }));
    peer.engine.ping(payload);
    assert_eq!(peer.read().len(), 1);
    peer.send([Frame::Ping { ack: true, payload }]);
    assert_eq!(peer.events(), [Event::Pong { payload }]);
}
