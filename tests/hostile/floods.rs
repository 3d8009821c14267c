//! Floods of frames, each of which a server must answer or keep in mind.

use crate::{
    arena::Arena,
    frames::{
        ACK, Attacker, CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM,
        FLOW_CONTROL_ERROR, FRAME, FRAME_SIZE_ERROR, HEADERS, INITIAL_WINDOW_SIZE, PADDED, PING,
        PRIORITY, PROTOCOL_ERROR, PUSH_PROMISE, REFUSED_STREAM, SETTINGS, WIDE_OPEN, ask, attack,
        begin, begin_with, call, fields, frame, ping, reset, settings, streams, string,
        window_update,
    },
    service::Prey,
};

/// How many calls of one connection the server works on at once.
const CALLS: u32 = 200;

/// CVE-2023-44487.
#[tokio::test]
async fn rapid_resets_end_their_connection() {
    let arena = Arena::new().await;
    let resets = streams(10_000).flat_map(|it| [begin(it, "Hang"), reset(it, CANCEL)]);
    let outcome = attack(arena.addr, resets.flatten().collect()).await;
    outcome.assert_goaway(ENHANCE_YOUR_CALM, "too_many_resets");
    arena.stands().await;
}

/// At a calm pace they cost what the calls cost.
#[tokio::test]
async fn calls_that_are_reset_after_they_began_leave_nothing_behind() {
    let arena = Arena::new().await;
    let mut attacker = Attacker::greet(arena.addr, &[]).await;
    for stream in streams(1_000) {
        attacker.send(&ask(stream, "Pour")).await;
        attacker.next(HEADERS).await;
        attacker.send(&reset(stream, CANCEL)).await;
    }
    assert!(attacker.attack(Vec::new()).await.served);
    arena.until(|_, census| census.begun == 1_000 && census.running == 0).await;
    drop(attacker);
    arena.stands().await;
}

/// CVE-2025-8671.
#[tokio::test]
async fn made_you_reset_ends_its_connection() {
    /// Begins a call, and makes the server reset it.
    type Fault = fn(u32) -> Vec<u8>;
    let window_overflow: Fault = |it| [begin(it, "Ignore"), window_update(it, WIDE_OPEN)].concat();
    let depends_on_itself: Fault = |it| {
        let dependency = [&it.to_be_bytes()[..], &[0]].concat();
        [begin(it, "Ignore"), frame(PRIORITY, 0, it, &dependency)].concat()
    };
    let longer_than_it_says: Fault = |it| {
        let block = [call("Ignore"), fields(&[("content-length", "1")])].concat();
        [frame(HEADERS, END_HEADERS, it, &block), frame(DATA, END_STREAM, it, &[0; 5])].concat()
    };
    let arena = Arena::new().await;
    for fault in [window_overflow, depends_on_itself, longer_than_it_says] {
        let outcome = attack(arena.addr, streams(2_000).flat_map(fault).collect()).await;
        outcome.assert_goaway(ENHANCE_YOUR_CALM, "too_many_internal_resets");
    }
    arena.stands().await;
}

#[tokio::test]
async fn calls_over_the_limit_are_refused_and_many_of_them_end_their_connection() {
    let arena = Arena::new().await;
    let mut attacker = Attacker::greet(arena.addr, &[]).await;
    let mut calls = streams(u32::MAX / 4).map(|it| begin(it, "Ignore"));

    let outcome = attacker.attack(calls.by_ref().take(CALLS as usize).flatten().collect()).await;
    assert!(outcome.served && outcome.resets.is_empty(), "{outcome:?}");
    arena.until(|_, census| census.running == u64::from(CALLS)).await;

    let outcome = attacker.attack(calls.by_ref().take(100).flatten().collect()).await;
    assert!(outcome.served, "{outcome:?}");
    assert_eq!(outcome.resets.get(&REFUSED_STREAM), Some(&100), "{outcome:?}");
    assert_eq!(arena.client.census().await.unwrap().begun, u64::from(CALLS));

    let outcome = attacker.attack(calls.take(2_000).flatten().collect()).await;
    outcome.assert_goaway(ENHANCE_YOUR_CALM, "too_many_internal_resets");
    arena.stands().await;
}

#[tokio::test]
async fn headers_without_end_end_their_connection() {
    let arena = Arena::new().await;
    let large = fields(&[("x", &"y".repeat(FRAME - 100))]);
    for block in [Vec::new(), fields(&[("x", "y")]), large] {
        let more = frame(CONTINUATION, 0, 1, &block).repeat(1_000);
        let outcome = attack(arena.addr, [frame(HEADERS, 0, 1, &call("Hang")), more].concat());
        outcome.await.assert_goaway(ENHANCE_YOUR_CALM, "too_many_continuations");
    }
    arena.stands().await;
}

/// A field of four thousand bytes, which the receiver is to remember, and which is then named again
/// and again. Each time is one byte.
pub(crate) fn bomb(times: usize) -> Vec<u8> {
    const REMEMBERED: u8 = 0x40;
    const THE_LAST_ONE: u8 = 0x80 | 62;
    let field = [&[REMEMBERED][..], &string("x"), &string(&"y".repeat(4_000))].concat();
    [field, vec![THE_LAST_ONE; times]].concat()
}

#[tokio::test]
async fn a_bomb_of_headers_ends_its_connection() {
    let arena = Arena::new().await;
    let bomb = begin_with(1, &[call("Hang"), bomb(10_000)].concat());
    let outcome = attack(arena.addr, bomb).await;
    outcome.assert_goaway(ENHANCE_YOUR_CALM, "header_list_way_too_large");
    arena.stands().await;
}

/// Twice as large as a server takes them, and not large enough to end the connection.
#[tokio::test]
async fn calls_with_large_headers_never_reach_a_handler() {
    let arena = Arena::new().await;
    let field = fields(&[("x", &"y".repeat(2 * FRAME))]);
    for large in [field, bomb(8)] {
        let block = [call("Hang"), large].concat();
        let flood = streams(500).flat_map(|it| begin_with(it, &block)).collect();
        let outcome = attack(arena.addr, flood).await;
        assert!(outcome.served && outcome.headers > 0, "{outcome:?}");
    }
    assert_eq!(arena.client.census().await.unwrap().begun, 0);
    arena.stands().await;
}

#[tokio::test]
async fn every_ping_is_answered() {
    let arena = Arena::new().await;
    let outcome = attack(arena.addr, ping(b"and more").repeat(50_000)).await;
    assert!(outcome.served, "{outcome:?}");
    // The first one is that of the settings of every client.
    assert_eq!(outcome.acks, 1 + 50_000);
    arena.stands().await;
}

/// Each of them changes the window of every call that is open, and the server gives way to nobody
/// while it reads what is there.
#[tokio::test]
async fn settings_are_acknowledged_one_by_one() {
    let arena = Arena::new().await;
    let calls = streams(CALLS).flat_map(|it| begin(it, "Ignore"));
    let [shut, open] = [0, WIDE_OPEN].map(|window| settings(&[(INITIAL_WINDOW_SIZE, window)]));
    let flood = calls.chain([shut, open].concat().repeat(1_000)).collect();
    let outcome = attack(arena.addr, flood).await;
    assert!(outcome.served, "{outcome:?}");
    assert_eq!(outcome.acks, 1 + 2_000);
    arena.stands().await;
}

/// Answers are not piled up for one who does not fetch them.
#[tokio::test]
async fn one_who_does_not_read_is_not_read_either() {
    const MOST: usize = 64 << 20;
    let arena = Arena::new().await;
    for flood in [ping(b"and more").repeat(1_000), settings(&[]).repeat(1_000)] {
        let mut attacker = Attacker::greet(arena.addr, &[]).await;
        attacker.until_it_stalls(&flood, MOST).await;
    }
    arena.stands().await;
}

#[tokio::test]
async fn a_body_of_nothing_but_frames_ends_its_connection() {
    let arena = Arena::new().await;
    let empty = frame(DATA, 0, 1, &[]);
    let tiny = frame(DATA, 0, 1, &[0; 5]);
    let padding = frame(DATA, PADDED, 1, &[&[255][..], &[0; 255]].concat());
    for data in [empty, tiny, padding] {
        let outcome = attack(arena.addr, [begin(1, "Ignore"), data.repeat(20_000)].concat()).await;
        outcome.assert_goaway(ENHANCE_YOUR_CALM, "too_many_data_frames");
    }
    arena.stands().await;
}

#[tokio::test]
async fn frames_against_the_rules_end_their_connection() {
    let arena = Arena::new().await;
    let promise = [&2_u32.to_be_bytes(), &call("Echo")[..]].concat();
    let one_too_many = [ask(1, "Hang"), frame(DATA, 0, 1, b"more")].concat();
    for (bytes, reason) in [
        (frame(DATA, 0, 1, &[0; FRAME + 1]), FRAME_SIZE_ERROR),
        (window_update(0, WIDE_OPEN), FLOW_CONTROL_ERROR),
        (settings(&[(INITIAL_WINDOW_SIZE, WIDE_OPEN + 1)]), PROTOCOL_ERROR),
        (window_update(0, 0), PROTOCOL_ERROR),
        (frame(PING, 0, 0, &[0; 7]), PROTOCOL_ERROR),
        (frame(SETTINGS, ACK, 0, &[0; 6]), PROTOCOL_ERROR),
        (frame(SETTINGS, ACK, 0, &[]).repeat(2), PROTOCOL_ERROR),
        (begin(2, "Echo"), PROTOCOL_ERROR),
        (frame(DATA, 0, 0, &[0; 5]), PROTOCOL_ERROR),
        (frame(DATA, 0, 1, &[0; 5]), PROTOCOL_ERROR),
        (frame(DATA, PADDED, 1, &[255]), PROTOCOL_ERROR),
        (frame(CONTINUATION, END_HEADERS, 1, &call("Echo")), PROTOCOL_ERROR),
        (frame(PUSH_PROMISE, END_HEADERS, 1, &promise), PROTOCOL_ERROR),
        (frame(HEADERS, END_HEADERS, 1, &[0xff; 300]), PROTOCOL_ERROR),
        (reset(1, CANCEL), PROTOCOL_ERROR),
        (one_too_many, PROTOCOL_ERROR),
    ] {
        let what = format!("{:?}", &bytes[..9]);
        let outcome = attack(arena.addr, bytes).await;
        assert!(!outcome.served, "{what}: {outcome:?}");
        let found = outcome.goaway.as_ref().map(|(reason, _)| *reason);
        assert_eq!(found, Some(reason), "{what}: {outcome:?}");
    }
    arena.stands().await;
}

#[tokio::test]
async fn frames_of_no_consequence_are_read_and_forgotten() {
    const UNKNOWN: u8 = 77;
    let arena = Arena::new().await;
    for bytes in [
        frame(UNKNOWN, 0xff, 9, &[1; 100]),
        frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 5]),
        frame(PING, ACK, 0, &[0; 8]),
        window_update(0, 1),
    ] {
        let outcome = attack(arena.addr, bytes.repeat(20_000)).await;
        assert!(outcome.served && outcome.goaway.is_none(), "kind {}: {outcome:?}", bytes[3]);
    }
    let outcome = attack(arena.addr, [begin(1, "Hang"), reset(1, CANCEL).repeat(20_000)].concat());
    assert!(outcome.await.served);
    arena.stands().await;
}
