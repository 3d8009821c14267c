//! Callers who take their time, or all of it: who do not begin, do not read, do not go on.

use std::{
    iter::{once, repeat_n},
    time::Duration,
};

use tokio::{io::AsyncWriteExt, time::interval};

use crate::{
    frames::{
        Attacker, Frame, MAX_FRAME_SIZE, PREFACE, Reason, Setting, WIDE_OPEN, ask, begin, streams,
    },
    service::{Attacked, AttackedClient},
    target::{Target, bounded},
};

/// How many calls of one connection the server works on at once.
const CALLS: u32 = 200;

#[tokio::test]
pub(crate) async fn a_preface_that_does_not_come_ends_its_connection() {
    let target = Target::with(&["preface_timeout_ms=1000"]).await;
    let mut silent = Attacker::connect(target.addr).await;
    let mut half_way = Attacker::connect(target.addr).await;
    half_way.write(&PREFACE[..12]).await;
    for attacker in [&mut silent, &mut half_way] {
        let outcome = attacker.until_the_end().await;
        assert!(!outcome.served, "{outcome:?}");
    }

    // One byte at a time, each in good time, and the last one far too late.
    let mut slow = Attacker::connect(target.addr).await;
    let mut pace = interval(Duration::from_millis(100));
    let mut sent = 0;
    bounded(async {
        for byte in PREFACE.iter().cycle() {
            pace.tick().await;
            if slow.0.socket.write_all(&[*byte]).await.is_err() {
                break;
            }
            sent += 1;
        }
    })
    .await;
    assert!(sent < PREFACE.len(), "{sent} bytes were taken");
    target.stands().await;
}

/// What a machine leaves behind that lost its power: nobody says that the connection has ended.
#[tokio::test]
pub(crate) async fn a_caller_who_vanished_is_given_up() {
    let target = Target::with(&["keepalive_ms=1000"]).await;
    let mut vanished = Attacker::greet(target.addr, &[]).await;
    let calls = streams(10).map(|it| begin(it, "Drain"));
    vanished.send(calls.chain(ask(101, "Hang")).chain(ask(103, "Pour"))).await;
    target.until(|_, census| census.begun == 12).await;
    target.until(|target, _| target.files() == 0).await;
    // What it would have seen.
    vanished.until_the_end().await.assert_goaway(Reason::NO_ERROR, "");
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn a_handler_goes_no_further_than_a_closed_window_lets_it() {
    /// Two batches of 16 KiB, each with the message at which it was found to be full.
    const MESSAGES: u64 = 2 * 17;
    let target = Target::new().await;
    let mut attacker = Attacker::greet(target.addr, &[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    let calls = streams(CALLS).flat_map(|it| ask(it, "Pour"));
    assert!(attacker.attack(calls).await.served);
    target.until(|_, census| census.running == u64::from(CALLS)).await;
    let poured = stalled(&target.client).await;
    assert!(poured <= u64::from(CALLS) * MESSAGES, "{poured} messages");
    assert!(attacker.attack([]).await.served);
    drop(attacker);
    target.stands_within(16).await;
}

/// Waits until the handlers hand over nothing more.
pub(crate) async fn stalled(client: &AttackedClient) -> u64 {
    bounded(async {
        let mut before = 0;
        loop {
            for _ in 0..100 {
                client.echo(String::new()).await.unwrap();
            }
            let now = client.census().await.unwrap().poured;
            if now == before {
                return now;
            }
            before = now;
        }
    })
    .await
}

/// A quarter of the calls that one connection may have: all of them take four times as much.
const HOARD: u32 = CALLS / 4;

/// Asks for everything at once, and reads nothing.
async fn hoarder(target: &Target) -> Attacker {
    let mut hoarder =
        Attacker::greet(target.addr, &[(Setting::INITIAL_WINDOW_SIZE, WIDE_OPEN)]).await;
    let calls = streams(HOARD).flat_map(|it| ask(it, "Pour"));
    let open = Frame::window_update(0, WIDE_OPEN / 2);
    hoarder.send(once(open).chain(calls)).await;
    target.until(|_, census| census.begun == u64::from(HOARD)).await;
    hoarder
}

#[tokio::test]
pub(crate) async fn a_caller_who_asks_for_everything_and_reads_nothing_fills_the_buffers_of_its_calls()
 {
    /// 400 KiB, and what is encoded beside them.
    const MESSAGES: u64 = 500;
    let target = Target::new().await;
    let hoarder = hoarder(&target).await;
    let poured = stalled(&target.client).await;
    assert!(poured <= u64::from(HOARD) * MESSAGES, "{poured} messages");
    drop(hoarder);
    target.stands_within(40).await;
}

#[tokio::test]
pub(crate) async fn a_caller_who_reads_nothing_is_given_up() {
    let target = Target::with(&["write_timeout_ms=1000"]).await;
    let hoarder = hoarder(&target).await;
    target.stands_within(40).await;
    drop(hoarder);
}

#[tokio::test]
pub(crate) async fn what_no_handler_reads_is_bounded_by_the_window() {
    const CONNECTION_WINDOW: usize = 4 << 20;
    let target = Target::new().await;
    let mut attacker = Attacker::greet(target.addr, &[]).await;
    let calls = streams(8).map(|it| begin(it, "Ignore"));
    assert!(attacker.attack(calls).await.served);
    target.until(|_, census| census.running == 8).await;
    let per_call = CONNECTION_WINDOW / 8 / MAX_FRAME_SIZE;
    let data = |it| Frame::data(it, vec![0; MAX_FRAME_SIZE], false);
    let outcome = attacker.attack(streams(8).flat_map(|it| repeat_n(data(it), per_call))).await;
    assert!(outcome.served, "{outcome:?}");
    let outcome = attacker.attack([Frame::data(1, vec![0], false)]).await;
    outcome.assert_goaway(Reason::FLOW_CONTROL_ERROR, "");
    target.stands().await;
}
