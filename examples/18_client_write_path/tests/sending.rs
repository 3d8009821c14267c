//! What we send: nothing beyond the peer's windows and limits, nothing is lost within them, and all
//! of them are afterwards what they were before.

use traitwire::Code;
use wire::{
    Side,
    frame::{Content, Frame, Kind, Reason, Setting},
};

use super::peer::{
    BOTH, Peer, UNARY, assert_idle, connect, connect_tapped, message, open, soon, stands_still,
};
use crate::{CallOptions, ClientConn, ConnOptions, flow_control::DEFAULT_WRITE_QUOTA};

const UNLIMITED: i64 = u32::MAX as i64;
const WINDOW: i64 = 65_535;
const WRITE_QUOTA: i64 = DEFAULT_WRITE_QUOTA as i64;

/// A DATA frame's stream and length, and whether it is the last.
fn data(frame: &Frame) -> (u32, usize, bool) {
    match frame.content() {
        Ok(Content::Data { data, end_stream }) => (frame.stream, data.len(), end_stream),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_of_one_byte_loses_nothing() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 1)]).await;
    let sent = "x".repeat(300);
    let serve = async {
        let texts = peer.expect_messages(1).await;
        let answer = peer.answer(1, &texts[0]);
        // The last byte came without a word from us.
        peer.send([Frame::window_update(0, 1)]).await;
        peer.send(answer).await;
    };
    let call = conn.invoke::<_, String>(UNARY, &sent, CallOptions::default());
    let (answer, ()) = soon(async { tokio::join!(call, serve) }).await;
    assert_eq!(answer.unwrap(), sent);
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

    let mut frames = Vec::new();
    let mut total = 0;
    while total < 65_535 {
        let frame = peer.expect(Kind::DATA).await;
        let (stream, length, _) = data(&frame);
        frames.push(stream);
        total += length;
    }
    assert_eq!(total, 65_535);
    assert!(stands_still(peer.next()).await, "the window is used up");
    // By turns, a frame each.
    assert_eq!(frames, [1, 3, 1, 3]);
    assert_eq!(soon(conn.quotas()).await.unwrap().send_quota, 0);

    // An end takes no window.
    let mut three = open(&conn, BOTH).await;
    three.close_send();
    assert_eq!(data(&peer.expect(Kind::DATA).await), (5, 0, true));

    peer.send([Frame::window_update(0, 1 << 20)]).await;
    while total < 2 * message(&text).len() {
        total += data(&peer.expect(Kind::DATA).await).1;
    }
    assert!(stands_still(peer.next()).await, "all of it was sent");
    assert_eq!((one.write_quota(), two.write_quota()), (WRITE_QUOTA, WRITE_QUOTA));
    drop((one, two, three));
    assert_idle(&conn, UNLIMITED, WINDOW + (1 << 20) - total as i64).await;
}

#[tokio::test(start_paused = true)]
async fn settings_may_make_a_window_negative() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 1000)]).await;
    let mut call = open(&conn, BOTH).await;
    call.send_msg(&"x".repeat(2000)).await.unwrap();
    assert_eq!(data(&peer.expect(Kind::DATA).await), (1, 1000, false));

    peer.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 10)])]).await;
    assert_eq!(peer.next().await, Frame::settings_ack());
    peer.send([Frame::window_update(1, 990)]).await;
    assert!(stands_still(peer.next()).await, "10 - 1000 + 990 is nothing");
    peer.send([Frame::window_update(1, 7)]).await;
    assert_eq!(data(&peer.next().await), (1, 7, false));

    peer.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 5000)])]).await;
    assert_eq!(peer.next().await, Frame::settings_ack());
    assert_eq!(data(&peer.next().await), (1, message(&"x".repeat(2000)).len() - 1007, false));
    assert_eq!(call.write_quota(), WRITE_QUOTA);
}

#[tokio::test(start_paused = true)]
async fn the_write_quota_is_soft_and_comes_back_as_frames_are_written() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    let mut call = open(&conn, BOTH).await;
    let long = "x".repeat(3 << 20);
    let length = message(&long).len();
    soon(call.send_msg(&long)).await.unwrap();
    assert_eq!(call.write_quota(), WRITE_QUOTA - length as i64);
    let next = "next".to_owned();
    assert!(stands_still(call.send_msg(&next)).await, "nothing was written");

    let serve = async {
        peer.send([0, 1].map(|stream| Frame::window_update(stream, 1 << 30))).await;
        let mut total = 0;
        while total < length + message("next").len() {
            total += data(&peer.expect(Kind::DATA).await).1;
        }
    };
    let (sent, ()) = soon(async { tokio::join!(call.send_msg(&next), serve) }).await;
    sent.unwrap();
    assert_eq!(call.write_quota(), WRITE_QUOTA);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_floods_and_does_not_read_is_not_read() {
    let (client, mut peer) = Peer::pipe(1000);
    let begin = async {
        peer.read_preface().await;
        peer.send([Frame::settings(&[])]).await;
        peer.next().await;
    };
    let handshake = ClientConn::handshake(client, "test", ConnOptions::default());
    let (conn, ()) = soon(async { tokio::join!(handshake, begin) }).await;
    let conn = conn.unwrap();

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
async fn a_smaller_header_table_is_kept_to_and_announced() {
    let (conn, mut peer) = connect(&[(Setting::HEADER_TABLE_SIZE, 0)]).await;
    for announced in [true, false] {
        let _call = open(&conn, BOTH).await;
        let (frame, fields) = peer.expect_headers().await;
        assert_eq!(frame.payload[0] == 0x20, announced, "{:?}", frame.payload);
        assert_eq!(fields[2].1, "/test.Echo/Both");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_header_block_is_continued_and_nothing_comes_between() {
    let (conn, mut peer) = connect(&[]).await;
    let mut options = CallOptions::default();
    options.metadata.insert("x-long", "x".repeat(40_000).parse().unwrap());
    let mut call =
        soon(conn.new_client_stream::<String, String>(BOTH, options)).await.expect("a stream");
    call.send_msg(&"hello".to_owned()).await.unwrap();
    let mut block = Vec::new();
    let mut frames = Vec::new();
    while frames.last().is_none_or(|(_, flags)| *flags == 0) {
        let frame = peer.next().await;
        assert_eq!(frame.stream, 1);
        block.extend_from_slice(&frame.payload);
        frames.push((frame.kind, frame.flags));
    }
    let (headers, more) = (Kind::HEADERS, Kind::CONTINUATION);
    assert_eq!(frames, [(headers, 0), (more, 0), (more, wire::frame::flags::END_HEADERS)]);
    assert!(block.len() > 40_000);
    assert_eq!(peer.next().await, Frame::data(1, message("hello"), false));
}

#[tokio::test(start_paused = true)]
async fn the_yield_lets_those_who_are_ready_join_a_small_batch_once() {
    for (yields, length, writes) in [(true, 10, 1), (false, 10, 2), (true, 2000, 2)] {
        let options = ConnOptions { yields, ..ConnOptions::default() };
        let (conn, mut peer, tap) = connect_tapped(&[], options).await;
        tap.forget();
        // On one thread: the writer is to run first, and then the other task.
        let mut call = open(&conn, BOTH).await;
        call.send_msg(&"x".repeat(length)).await.unwrap();
        let other = tokio::spawn({
            let conn = conn.clone();
            async move { open(&conn, BOTH).await }
        });
        for _ in 0..2 {
            peer.expect(Kind::HEADERS).await;
        }
        drop(soon(other).await.unwrap());
        assert_eq!(tap.writes(Side::Client).len(), writes, "{yields}, {length}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_while_it_waits_for_window_leaves_nothing() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 20)]).await;
    let mut calls = [open(&conn, BOTH).await, open(&conn, BOTH).await];
    for call in &mut calls {
        call.send_msg(&"x".repeat(70_000)).await.unwrap();
    }
    let mut total = 0;
    while total < WINDOW as usize {
        total += data(&peer.expect(Kind::DATA).await).1;
    }
    let quotas = soon(conn.quotas()).await.unwrap();
    assert_eq!((quotas.send_quota, quotas.writing), (0, 2));
    drop(calls);
    assert_idle(&conn, UNLIMITED, 0).await;

    // Its rest is gone: the next call is the next to write.
    let mut call = open(&conn, BOTH).await;
    call.send_msg(&"next".to_owned()).await.unwrap();
    peer.expect(Kind::RST_STREAM).await;
    peer.send([Frame::window_update(0, 1000)]).await;
    assert_eq!(peer.expect(Kind::DATA).await, Frame::data(5, message("next"), false));
}

#[tokio::test(start_paused = true)]
async fn a_window_may_be_as_large_as_windows_are() {
    let (conn, mut peer) = connect(&[]).await;
    let more = (1 << 31) - 1 - WINDOW as u32;
    let mut call = open(&conn, BOTH).await;
    peer.expect(Kind::HEADERS).await;
    peer.send([0, 1].map(|stream| Frame::window_update(stream, more))).await;
    // What is answered now was read after that.
    peer.send([Frame::ping([0; 8], false)]).await;
    peer.expect(Kind::PING).await;
    assert_eq!(soon(conn.quotas()).await.unwrap().send_quota, (1 << 31) - 1);

    peer.send([Frame::window_update(1, 1)]).await;
    assert_eq!(peer.expect_reset(1).await, Reason::FLOW_CONTROL_ERROR);
    assert_eq!(soon(call.recv_msg()).await.unwrap_err().code(), Code::Internal);
    peer.send([Frame::window_update(0, 1)]).await;
    assert_eq!(peer.expect_goaway().await, Reason::FLOW_CONTROL_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_long_message_goes_out_whenever_the_buffer_is_full() {
    let window = [(Setting::INITIAL_WINDOW_SIZE, 1 << 20)];
    let (conn, mut peer, tap) = connect_tapped(&window, ConnOptions::default()).await;
    tap.forget();
    let mut call = open(&conn, BOTH).await;
    call.send_msg(&"x".repeat(100_000)).await.unwrap();
    let mut total = 0;
    while total < WINDOW as usize {
        total += data(&peer.expect(Kind::DATA).await).1;
    }
    // HEADERS and two frames of 16,384 bytes; then two more, of which the window cuts the last.
    let writes = tap.writes(Side::Client);
    assert_eq!((writes.len(), writes[1]), (2, 2 * 9 + 16_384 + 16_383));
}
