//! Floods of frames, each of which a server must answer or keep in mind.

use std::iter::{once, repeat_n};

use crate::{
    frames::{
        Attacker, Frame, Kind, MAX_FRAME_SIZE, Reason, Setting, WIDE_OPEN, ask, attack, begin,
        begin_with, call, fields, flags, streams, string,
    },
    service::Attacked,
    target::Target,
};

/// How many calls of one connection the server works on at once.
const CALLS: u32 = 200;

/// CVE-2023-44487.
#[tokio::test]
pub(crate) async fn rapid_resets_end_their_connection() {
    let target = Target::new().await;
    let resets =
        streams(10_000).flat_map(|it| [begin(it, "Hang"), Frame::rst_stream(it, Reason::CANCEL)]);
    let outcome = attack(target.addr, resets).await;
    outcome.assert_goaway(Reason::ENHANCE_YOUR_CALM, "too_many_resets");
    target.stands().await;
}

/// At a calm pace they cost what the calls cost.
#[tokio::test]
pub(crate) async fn calls_that_are_reset_after_they_began_leave_nothing_behind() {
    let target = Target::new().await;
    let mut attacker = Attacker::greet(target.addr, &[]).await;
    for stream in streams(1_000) {
        attacker.send(ask(stream, "Pour")).await;
        attacker.next(Kind::HEADERS).await;
        attacker.send([Frame::rst_stream(stream, Reason::CANCEL)]).await;
    }
    assert!(attacker.attack([]).await.served);
    target.until(|_, census| census.begun == 1_000 && census.running == 0).await;
    drop(attacker);
    target.stands().await;
}

/// CVE-2025-8671.
#[tokio::test]
pub(crate) async fn made_you_reset_ends_its_connection() {
    /// Begins a call, and makes the server reset it.
    type Fault = fn(u32) -> [Frame; 2];
    let window_overflow: Fault = |it| [begin(it, "Ignore"), Frame::window_update(it, WIDE_OPEN)];
    let depends_on_itself: Fault = |it| {
        let dependency = [&it.to_be_bytes()[..], &[0]].concat();
        [begin(it, "Ignore"), Frame::new(Kind::PRIORITY, 0, it, dependency)]
    };
    let longer_than_it_says: Fault = |it| {
        let block = [call("Ignore"), fields(&[("content-length", "1")])].concat();
        [Frame::headers(it, block, false), Frame::data(it, vec![0; 5], true)]
    };
    let target = Target::new().await;
    for fault in [window_overflow, depends_on_itself, longer_than_it_says] {
        let outcome = attack(target.addr, streams(2_000).flat_map(fault)).await;
        outcome.assert_goaway(Reason::ENHANCE_YOUR_CALM, "too_many_internal_resets");
    }
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn calls_over_the_limit_are_refused_and_many_of_them_end_their_connection() {
    let target = Target::new().await;
    let mut attacker = Attacker::greet(target.addr, &[]).await;
    let mut calls = streams(u32::MAX / 4).map(|it| begin(it, "Ignore"));

    let outcome = attacker.attack(calls.by_ref().take(CALLS as usize)).await;
    assert!(outcome.served && outcome.resets.is_empty(), "{outcome:?}");
    target.until(|_, census| census.running == u64::from(CALLS)).await;

    // Ours answers the PING behind the calls first.
    let mut refused = 0;
    for more in [100, 0] {
        let outcome = attacker.attack(calls.by_ref().take(more)).await;
        assert!(outcome.served, "{outcome:?}");
        refused += outcome.resets.get(&Reason::REFUSED_STREAM).unwrap_or(&0);
    }
    assert_eq!(refused, 100);
    assert_eq!(target.client.census().await.unwrap().begun, u64::from(CALLS));

    let mut outcome = attacker.attack(calls.take(2_000)).await;
    if outcome.goaway.is_none() {
        outcome = attacker.until_the_end().await;
    }
    // Ours counts those that it refuses itself, and HTTP/2 those above all limits.
    let reason = outcome.goaway.as_ref().map(|goaway| goaway.0);
    assert_eq!(reason, Some(Reason::ENHANCE_YOUR_CALM), "{outcome:?}");
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn headers_without_end_end_their_connection() {
    let target = Target::new().await;
    let large = fields(&[("x", &"y".repeat(MAX_FRAME_SIZE - 100))]);
    for block in [Vec::new(), fields(&[("x", "y")]), large] {
        let more = Frame::new(Kind::CONTINUATION, 0, 1, block);
        let first = Frame { flags: 0, ..begin(1, "Hang") };
        let outcome = attack(target.addr, once(first).chain(repeat_n(more, 1_000)));
        outcome.await.assert_goaway(Reason::ENHANCE_YOUR_CALM, "too_many_continuations");
    }
    target.stands().await;
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
pub(crate) async fn a_bomb_of_headers_ends_its_connection() {
    let target = Target::new().await;
    let bomb = begin_with(1, &[call("Hang"), bomb(10_000)].concat());
    let outcome = attack(target.addr, bomb).await;
    outcome.assert_goaway(Reason::ENHANCE_YOUR_CALM, "header_list_way_too_large");
    target.stands().await;
}

/// Twice as large as a server takes them, and not large enough to end the connection.
#[tokio::test]
pub(crate) async fn calls_with_large_headers_never_reach_a_handler() {
    let target = Target::new().await;
    let field = fields(&[("x", &"y".repeat(2 * MAX_FRAME_SIZE))]);
    for large in [field, bomb(8)] {
        let block = [call("Hang"), large].concat();
        let flood = streams(500).flat_map(|it| begin_with(it, &block));
        let outcome = attack(target.addr, flood).await;
        assert!(outcome.served && outcome.headers > 0, "{outcome:?}");
    }
    assert_eq!(target.client.census().await.unwrap().begun, 0);
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn every_ping_is_answered() {
    let target = Target::new().await;
    let outcome = attack(target.addr, repeat_n(Frame::ping(*b"and more", false), 50_000)).await;
    assert!(outcome.served, "{outcome:?}");
    // The first one is that of the settings of every client.
    assert_eq!(outcome.acks, 1 + 50_000);
    target.stands().await;
}

/// Each of them changes the window of every call that is open, and the server gives way to nobody
/// while it reads what is there.
#[tokio::test]
pub(crate) async fn settings_are_acknowledged_one_by_one() {
    let target = Target::new().await;
    let calls = streams(CALLS).map(|it| begin(it, "Ignore"));
    let windows = [0, WIDE_OPEN].map(|it| Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, it)]));
    let outcome = attack(target.addr, calls.chain(repeat_n(windows, 1_000).flatten())).await;
    assert!(outcome.served, "{outcome:?}");
    assert_eq!(outcome.acks, 1 + 2_000);
    target.stands().await;
}

/// Answers are not piled up for one who does not fetch them.
#[tokio::test]
pub(crate) async fn one_who_does_not_read_is_not_read_either() {
    const MOST: usize = 64 << 20;
    let target = Target::new().await;
    for flood in [Frame::ping(*b"and more", false), Frame::settings(&[])] {
        let mut attacker = Attacker::greet(target.addr, &[]).await;
        attacker.until_it_stalls(&flood.to_bytes().repeat(1_000), MOST).await;
    }
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn a_body_of_nothing_but_frames_ends_its_connection() {
    let target = Target::new().await;
    let empty = Frame::data(1, vec![], false);
    let tiny = Frame::data(1, vec![0; 5], false);
    let padding = [&[255][..], &[0; 255]].concat();
    let padded = Frame::new(Kind::DATA, flags::PADDED, 1, padding);
    for data in [empty, tiny, padded] {
        let flood = once(begin(1, "Ignore")).chain(repeat_n(data, 20_000));
        let outcome = attack(target.addr, flood).await;
        outcome.assert_goaway(Reason::ENHANCE_YOUR_CALM, "too_many_data_frames");
    }
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn frames_against_the_rules_end_their_connection() {
    let target = Target::new().await;
    let promise = [&2_u32.to_be_bytes(), &call("Echo")[..]].concat();
    let promise = Frame::new(Kind::PUSH_PROMISE, flags::END_HEADERS, 1, promise);
    let too_wide = [(Setting::INITIAL_WINDOW_SIZE, WIDE_OPEN + 1)];
    let [begun, ended] = ask(1, "Hang");
    for (frames, reason) in [
        (vec![Frame::data(1, vec![0; MAX_FRAME_SIZE + 1], false)], Reason::FRAME_SIZE_ERROR),
        (vec![Frame::window_update(0, WIDE_OPEN)], Reason::FLOW_CONTROL_ERROR),
        (vec![Frame::settings(&too_wide)], Reason::PROTOCOL_ERROR),
        (vec![Frame::window_update(0, 0)], Reason::PROTOCOL_ERROR),
        (vec![Frame::new(Kind::PING, 0, 0, vec![0; 7])], Reason::PROTOCOL_ERROR),
        (vec![Frame::new(Kind::SETTINGS, flags::ACK, 0, vec![0; 6])], Reason::PROTOCOL_ERROR),
        (vec![Frame::settings_ack(); 2], Reason::PROTOCOL_ERROR),
        (vec![begin(2, "Echo")], Reason::PROTOCOL_ERROR),
        (vec![Frame::data(0, vec![0; 5], false)], Reason::PROTOCOL_ERROR),
        (vec![Frame::data(1, vec![0; 5], false)], Reason::PROTOCOL_ERROR),
        (vec![Frame::new(Kind::DATA, flags::PADDED, 1, vec![255])], Reason::PROTOCOL_ERROR),
        (vec![Frame { kind: Kind::CONTINUATION, ..begin(1, "Echo") }], Reason::PROTOCOL_ERROR),
        (vec![promise], Reason::PROTOCOL_ERROR),
        (vec![Frame::headers(1, vec![0xff; 300], false)], Reason::PROTOCOL_ERROR),
        (vec![Frame::rst_stream(1, Reason::CANCEL)], Reason::PROTOCOL_ERROR),
        (vec![begun, ended, Frame::data(1, "more", false)], Reason::PROTOCOL_ERROR),
    ] {
        let what = format!("{frames:?}");
        let outcome = attack(target.addr, frames).await;
        assert!(!outcome.served, "{what}: {outcome:?}");
        let found = outcome.goaway.as_ref().map(|(reason, _)| *reason);
        assert_eq!(found, Some(reason), "{what}: {outcome:?}");
    }
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn frames_of_no_consequence_are_read_and_forgotten() {
    const UNKNOWN: Kind = Kind(77);
    let target = Target::new().await;
    for frame in [
        Frame::new(UNKNOWN, 0xff, 9, vec![1; 100]),
        Frame::new(Kind::PRIORITY, 0, 3, vec![0, 0, 0, 1, 5]),
        Frame::ping([0; 8], true),
        Frame::window_update(0, 1),
    ] {
        let kind = frame.kind;
        let outcome = attack(target.addr, repeat_n(frame, 20_000)).await;
        assert!(outcome.served && outcome.goaway.is_none(), "kind {kind}: {outcome:?}");
    }
    let resets = repeat_n(Frame::rst_stream(1, Reason::CANCEL), 20_000);
    let outcome = attack(target.addr, once(begin(1, "Hang")).chain(resets));
    assert!(outcome.await.served);
    target.stands().await;
}
