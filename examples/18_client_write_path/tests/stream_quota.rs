//! How many streams there may be: no more than the server allows, and who waits gets its turn.

use std::time::Duration;

use tokio::task::JoinSet;
use wire::frame::{Frame, Kind, Setting};

use super::peer::{BOTH, UNARY, assert_idle, connect, message, open, soon, stands_still};
use crate::CallOptions;

const UNLIMITED: i64 = u32::MAX as i64;
const WINDOW: i64 = 65_535;

#[tokio::test(start_paused = true)]
async fn a_stream_quota_of_one_lets_calls_pass_one_by_one() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 1)]).await;
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let conn = conn.clone();
        calls.spawn(async move {
            conn.invoke(UNARY, &number.to_string(), CallOptions::default()).await
        });
    }
    for number in 0..20 {
        let stream = peer.expect(Kind::HEADERS).await.stream;
        assert_eq!(stream, 2 * number + 1);
        let texts = peer.expect_messages(stream).await;
        assert!(stands_still(peer.next()).await, "one is open");
        let answer = peer.answer(stream, &texts[0]);
        peer.send(answer).await;
    }
    let mut answers: Vec<String> =
        soon(calls.join_all()).await.into_iter().map(Result::unwrap).collect();
    answers.sort_by_key(|answer| answer.parse::<u32>().unwrap());
    assert_eq!(answers, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
    let sent: usize = (0..20).map(|number: i32| message(&number.to_string()).len()).sum();
    assert_idle(&conn, 1, WINDOW - sent as i64).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_quota_gets_it_when_the_server_allows_more() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 0)]).await;
    let mut calls = JoinSet::new();
    for _ in 0..5 {
        let conn = conn.clone();
        calls.spawn(async move { open(&conn, BOTH).await });
    }
    assert!(stands_still(calls.join_next()).await);
    // One who gives up while it waits takes nothing away.
    calls.spawn({
        let conn = conn.clone();
        async move {
            let timeout = Some(Duration::from_secs(1));
            let options = CallOptions { timeout, ..CallOptions::default() };
            conn.new_client_stream::<String, String>(BOTH, options).await.unwrap_err();
            open(&conn, BOTH).await
        }
    });
    assert!(stands_still(calls.join_next()).await);

    peer.send([Frame::settings(&[(Setting::MAX_CONCURRENT_STREAMS, 6)])]).await;
    let mut calls = soon(calls.join_all()).await;
    let mut ids: Vec<u32> = calls.iter().map(|call| call.id()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 3, 5, 7, 9, 11]);

    // Less than are open: none opens before so many have ended.
    peer.send([Frame::settings(&[(Setting::MAX_CONCURRENT_STREAMS, 4)])]).await;
    assert_eq!(peer.expect(Kind::SETTINGS).await, Frame::settings_ack());
    assert_eq!(peer.expect(Kind::SETTINGS).await, Frame::settings_ack());
    assert_eq!(soon(conn.quotas()).await.unwrap().stream_quota, -2);
    calls.truncate(4);
    assert!(stands_still(open(&conn, BOTH)).await);
    calls.truncate(3);
    calls.push(open(&conn, BOTH).await);
    drop(calls);
    assert_idle(&conn, 4, WINDOW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_begin_in_the_order_of_their_ids() {
    let (conn, mut peer) = connect(&[]).await;
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let conn = conn.clone();
        calls.spawn(async move { open(&conn, BOTH).await });
    }
    for number in 0..1000 {
        assert_eq!(peer.expect(Kind::HEADERS).await.stream, 2 * number + 1);
    }
    drop(soon(calls.join_all()).await);
    assert_idle(&conn, UNLIMITED, WINDOW).await;
}
