//! What we send: nothing beyond the peer's windows and limits, nothing is lost within them, and all
//! of them are afterwards what they were before.

use tokio::{io::copy_bidirectional, net::TcpListener, task::JoinSet};
use traitwire::Code;
use wire::frame::{Frame, Kind, Setting};

use super::peer::{
    BOTH, Peer, UNARY, assert_idle, connect, connect_over, message, open, soon, stands_still,
};
use crate::{CallOptions, ClientConn, ConnOptions, flow_control::DEFAULT_WRITE_QUOTA};

const UNLIMITED: i64 = u32::MAX as i64;
const WINDOW: i64 = 65_535;

#[tokio::test(start_paused = true)]
async fn a_window_of_one_byte_loses_nothing() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 1)]).await;
    let sent = "x".repeat(300);
    let serve = async {
        assert!(peer.expect_messages(1).await == message(&sent)[..]);
        let answer = peer.answer(1, "answer");
        // The last byte came without a word from us.
        peer.send([Frame::window_update(0, 1)]).await;
        peer.send(answer).await;
    };
    let call = conn.invoke::<_, String>(UNARY, &sent, CallOptions::default());
    let (answer, ()) = soon(async { tokio::join!(call, serve) }).await;
    assert_eq!(answer.unwrap(), "answer");
    assert_idle(&conn, UNLIMITED, WINDOW).await;
}

#[tokio::test(start_paused = true)]
async fn the_window_of_the_connection_is_shared_and_not_passed() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    let (mut one, mut two) = (open(&conn, BOTH).await, open(&conn, BOTH).await);
    let text = "x".repeat(60_000);
    one.send_msg(&text).await.unwrap();
    two.send_msg(&text).await.unwrap();
    soon(conn.quotas()).await.expect("both were queued");
    peer.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 20)])]).await;
    // By turns, a frame each.
    assert_eq!(peer.expect_bytes(WINDOW as usize).await, [1, 3, 1, 3]);
    assert!(stands_still(peer.next()).await, "the window is used up");
    assert_eq!(soon(conn.quotas()).await.unwrap().send_quota, 0);

    // An end takes no window.
    let mut three = open(&conn, BOTH).await;
    three.close_send();
    assert_eq!(peer.expect_data().await, (5, 0, true));

    peer.send([Frame::window_update(0, 1 << 20)]).await;
    let total = 2 * message(&text).len();
    peer.expect_bytes(total - WINDOW as usize).await;
    assert!(stands_still(peer.next()).await, "all of it was sent");
    assert_eq!([one.stream().wq.left(), two.stream().wq.left()], [DEFAULT_WRITE_QUOTA; 2]);
    drop((one, two, three));
    assert_idle(&conn, UNLIMITED, WINDOW + (1 << 20) - total as i64).await;
}

#[tokio::test(start_paused = true)]
async fn settings_may_make_a_window_negative() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 1000)]).await;
    let mut call = open(&conn, BOTH).await;
    call.send_msg(&"x".repeat(2000)).await.unwrap();
    assert_eq!(peer.expect_data().await, (1, 1000, false));

    peer.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 10)])]).await;
    assert_eq!(peer.next().await, Frame::settings_ack());
    peer.send([Frame::window_update(1, 990)]).await;
    assert!(stands_still(peer.next()).await, "10 - 1000 + 990 is nothing");
    peer.send([Frame::window_update(1, 7)]).await;
    assert_eq!(peer.expect_data().await, (1, 7, false));

    peer.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 5000)])]).await;
    assert_eq!(peer.expect_data().await, (1, message(&"x".repeat(2000)).len() - 1007, false));
    assert_eq!(call.stream().wq.left(), DEFAULT_WRITE_QUOTA);
}

#[tokio::test(start_paused = true)]
async fn the_write_quota_is_soft_and_comes_back_as_frames_are_written() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    let mut call = open(&conn, BOTH).await;
    let long = "x".repeat(3 << 20);
    let length = message(&long).len();
    soon(call.send_msg(&long)).await.unwrap();
    assert_eq!(call.stream().wq.left(), DEFAULT_WRITE_QUOTA - length as i64);
    let next = "next".to_owned();
    assert!(stands_still(call.send_msg(&next)).await, "nothing was written");

    let serve = async {
        peer.send([0, 1].map(|stream| Frame::window_update(stream, 1 << 30))).await;
        peer.expect_bytes(length + message("next").len()).await;
    };
    let (sent, _) = soon(async { tokio::join!(call.send_msg(&next), serve) }).await;
    sent.unwrap();
    assert_eq!(call.stream().wq.left(), DEFAULT_WRITE_QUOTA);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_floods_and_does_not_read_is_not_read() {
    let (conn, mut peer) = connect_over(1000, &[]).await;
    let mut sent = 0_u64;
    let ping = |number: u64| Frame::ping(number.to_be_bytes(), false);
    while sent < 10_000 && !stands_still(peer.send([ping(sent)])).await {
        sent += 1;
    }
    // 59 fit into each direction of the pipe, 100 into the queue, and the rest into two buffers of
    // 32 KiB: one of what was read, one of what is to be written.
    assert!(sent < 59 + 59 + 100 + 2 * (32 * 1024 / 17), "{sent} were read");
    for number in 0..sent {
        assert_eq!(peer.next().await, Frame::ping(number.to_be_bytes(), true));
    }
    drop(conn);
}

#[tokio::test(start_paused = true)]
async fn a_stream_quota_of_one_lets_calls_pass_one_by_one() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 1)]).await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let conn = conn.clone();
        let text = "x".to_owned();
        calls.spawn(
            async move { conn.invoke::<_, String>(UNARY, &text, CallOptions::default()).await },
        );
    }
    for number in 0..20 {
        let stream = peer.expect(Kind::HEADERS).await.stream;
        assert_eq!(stream, 2 * number + 1);
        peer.expect_messages(stream).await;
        assert!(stands_still(peer.next()).await, "one is open");
        let answer = peer.answer(stream, "answer");
        peer.send(answer).await;
    }
    for answer in soon(calls.join_all()).await {
        assert_eq!(answer.unwrap(), "answer".to_owned());
    }
    assert_idle(&conn, 1, WINDOW - 20 * message("x").len() as i64).await;
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

#[tokio::test(start_paused = true)]
async fn a_header_list_that_is_longer_than_the_server_takes_is_not_sent() {
    let (conn, mut peer) = connect(&[(Setting::MAX_HEADER_LIST_SIZE, 500)]).await;
    let mut options = CallOptions::default();
    options.metadata.insert("x-long", "x".repeat(500).parse().unwrap());
    let refused = soon(conn.new_client_stream::<String, String>(BOTH, options)).await;
    assert_eq!(refused.unwrap_err().code(), Code::Internal);
    drop(open(&conn, BOTH).await);
    assert_eq!(peer.expect(Kind::HEADERS).await.stream, 1);
    assert_idle(&conn, UNLIMITED, WINDOW).await;
}

#[tokio::test(start_paused = true)]
async fn a_smaller_header_table_is_kept_to_and_announced() {
    let (conn, mut peer) = connect(&[(Setting::HEADER_TABLE_SIZE, 0)]).await;
    for announced in [true, false] {
        let _call = open(&conn, BOTH).await;
        let block = peer.expect(Kind::HEADERS).await.payload;
        assert_eq!(block[0] == 0x20, announced, "{block:?}");
    }
}

#[tokio::test]
async fn the_authority_is_what_was_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("localhost:{}", listener.local_addr().unwrap().port());
    let (mut end, mut peer) = Peer::pipe(1 << 16);
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        copy_bidirectional(&mut socket, &mut end).await
    });
    let connect = ClientConn::connect(&*target, ConnOptions::default());
    let (conn, ()) = soon(async { tokio::join!(connect, peer.begin(&[])) }).await;
    let _call = open(&conn.unwrap(), BOTH).await;
    assert_eq!(peer.expect_field(":authority").await, target);
}
