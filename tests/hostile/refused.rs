//! Uploads that are refused before they end: what their callers have sent until they learn of it is no
//! fault of theirs, and what they send after that is bounded.

use std::iter::repeat_n;

use futures_util::future::join_all;
use traitwire::{Code, StreamExt, Streaming};

use crate::{
    bytes::framed,
    frames::{Attacker, Content, Frame, Kind, MAX_FRAME_SIZE, Reason, ask, begin, flags, streams},
    service::Attacked,
    target::{Target, bounded},
};

/// How many uploads there are at once, and how often.
const AT_ONCE: u32 = 100;
const ROUNDS: u32 = 25;

/// A message of 3,000 bytes.
fn piece(stream: u32) -> Frame {
    let bytes = prost::Message::encode_to_vec(&vec![7_u8; 2_997]);
    assert_eq!(bytes.len(), 3_000);
    Frame::data(stream, framed(&bytes), false)
}

/// Waits for the ends of so many calls, and for nothing worse.
async fn ended(caller: &mut Attacker, count: usize) -> Vec<u32> {
    let mut ended = Vec::new();
    while ended.len() < count {
        let frame = bounded(caller.0.next()).await.expect("the connection goes on");
        let is_worse = [Kind::GOAWAY, Kind::RST_STREAM].contains(&frame.kind);
        assert!(!is_worse, "stream {}: {:?}", frame.stream, frame.content());
        if frame.kind == Kind::HEADERS && frame.has(flags::END_STREAM) {
            ended.push(frame.stream);
        }
    }
    ended.sort_unstable();
    ended
}

/// h2 issue 856: late DATA counted as a fault of the caller, and after a thousand of them the connection
/// was ended, with all that was on it.
#[tokio::test]
async fn uploads_that_are_refused_do_no_harm_to_their_connection() {
    let target = Target::new().await;
    let mut caller = Attacker::greet(target.addr, &[]).await;
    // The window of a connection has 64 KiB until this has come.
    caller.next(Kind::WINDOW_UPDATE).await;
    // A call that has nothing to do with it.
    caller.send([begin(1, "Drain"), piece(1)]).await;
    let mut uploads = streams(1 + AT_ONCE * ROUNDS).skip(1);
    for _ in 0..ROUNDS {
        let round: Vec<_> = uploads.by_ref().take(AT_ONCE as usize).collect();
        let start = |it: &u32| [begin(*it, "Refuse"), piece(*it)];
        caller.send(round.iter().flat_map(start)).await;
        assert_eq!(ended(&mut caller, round.len()).await, round);
        // What was on its way, and the end that an honest caller makes of it.
        let late = |it: &u32| [piece(*it), Frame::data(*it, "", true)];
        caller.send(round.iter().flat_map(late)).await;
    }
    caller.send([piece(1), Frame::data(1, "", true)]).await;
    assert_eq!(ended(&mut caller, 1).await, [1]);
    assert!(caller.attack([]).await.served);
    drop(caller);
    target.stands().await;
}

/// The same by a client of this library.
#[tokio::test]
async fn uploads_of_a_client_that_are_refused_do_no_harm_to_its_other_calls() {
    let target = Target::new().await;
    let client = target.client.clone();
    let (mut pieces, other) = Streaming::channel(1);
    let mut other = tokio::spawn({
        let client = client.clone();
        async move { client.drain(other).await }
    });
    pieces.send(vec![7; 3_000]).await.unwrap();
    for _ in 0..ROUNDS {
        let uploads = (0..AT_ONCE).map(|_| {
            // Without an end of its own.
            let pieces = tokio_stream::iter(repeat_n(Ok(vec![7; 3_000]), 10));
            client.refuse(Streaming::new(pieces.chain(tokio_stream::pending())))
        });
        for refused in bounded(join_all(uploads)).await {
            let status = refused.unwrap_err();
            assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
        }
    }
    assert!(!other.is_finished());
    pieces.send(vec![7; 3_000]).await.unwrap();
    drop(pieces);
    assert_eq!(bounded(&mut other).await.unwrap().unwrap(), 6_000);
    target.stands().await;
}

/// How many streams of one connection there may be: five times as many as the calls that the server
/// works on at once.
const STREAMS: u32 = 5 * 200;

/// How much of a refused request the server reads.
const LINGER: usize = 1024 * 1024;

#[tokio::test]
async fn who_goes_on_after_a_refusal_is_bounded() {
    let target = Target::new().await;
    let mut attacker = Attacker::greet(target.addr, &[]).await;
    // Refused, and not ended, they are no calls any more, but they are streams.
    let all: Vec<_> = streams(STREAMS).collect();
    for some in all.chunks(100) {
        attacker.send(some.iter().map(|it| begin(*it, "Refuse"))).await;
        assert_eq!(ended(&mut attacker, some.len()).await, some);
    }
    let next = 2 * STREAMS + 1;
    let outcome = attacker.attack([begin(next, "Refuse")]).await;
    assert_eq!(outcome.resets.get(&Reason::REFUSED_STREAM), Some(&1), "{outcome:?}");

    // Small frames for all of them are read and thrown away.
    for _ in 0..20 {
        let small = streams(STREAMS).map(|it| Frame::data(it, framed(b"more"), false));
        let outcome = attacker.attack(small).await;
        assert!(outcome.served && outcome.resets.is_empty(), "{outcome:?}");
    }

    // Who sends too much for one of them is told to stop, and there is room again.
    let full = Frame::data(1, vec![0; MAX_FRAME_SIZE], false);
    let outcome = attacker.attack(repeat_n(full.clone(), LINGER / MAX_FRAME_SIZE - 1)).await;
    assert!(outcome.served && outcome.resets.is_empty(), "{outcome:?}");
    attacker.send([full]).await;
    let reset = attacker.next(Kind::RST_STREAM).await;
    assert_eq!((reset.stream, reset.content()), (1, Ok(Content::RstStream(Reason::NO_ERROR))));
    attacker.send(ask(next + 2, "Refuse")).await;
    assert_eq!(ended(&mut attacker, 1).await, [next + 2]);
    drop(attacker);
    target.stands().await;
}
