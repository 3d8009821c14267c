//! What we receive: how much window the peer gets for it, and when.

use std::time::Duration;

use tokio::time::timeout;
use wire::frame::{Content, Frame, Kind};

use super::peer::{connect, connect_with, message, opened, soon, stands_still};
use crate::ConnOptions;

#[tokio::test(start_paused = true)]
async fn the_connection_window_is_returned_read_or_not_and_the_streams_as_it_is_read() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    // Three messages, each within the window.
    let text = "x".repeat(10_000);
    let length = message(&text).len();
    let header = peer.header(1);
    peer.send([header]).await;
    for _ in 0..3 {
        peer.send([Frame::data(1, message(&text), false)]).await;
    }
    // A quarter of 65,535 is 16,383: the second message passes it.
    assert_eq!(peer.next().await, Frame::window_update(0, 2 * length as u32));
    assert!(stands_still(peer.next()).await, "the stream was not read");
    for _ in 0..2 {
        assert_eq!(soon(call.recv_msg()).await.unwrap().as_deref(), Some(&*text));
    }
    assert_eq!(peer.next().await, Frame::window_update(1, 2 * length as u32));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_longer_than_the_window_gets_room_at_once() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let text = "x".repeat(1 << 20);
    let bytes = message(&text);
    let header = peer.header(1);
    peer.send([header, Frame::data(1, bytes[..5].to_vec(), false)]).await;
    let serve = async {
        let update = peer.expect(Kind::WINDOW_UPDATE).await;
        assert_eq!(update, Frame::window_update(1, bytes.len() as u32 - 5));
        for piece in bytes[5..].chunks(16_384) {
            peer.send([Frame::data(1, piece.to_vec(), false)]).await;
        }
    };
    let (received, ()) = soon(async { tokio::join!(call.recv_msg(), serve) }).await;
    assert!(received.unwrap().as_deref() == Some(&*text));
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_smaller_than_a_prefix_will_do() {
    let options = ConnOptions { stream_window: 1, ..ConnOptions::default() };
    let (conn, mut peer) = connect_with(&[], options).await;
    let mut call = opened(&conn, &mut peer).await;
    let header = peer.header(1);
    peer.send([header]).await;
    let serve = async {
        let mut window = 1;
        for text in ["one", "two"] {
            for byte in message(text) {
                while window == 0 {
                    let update = peer.expect(Kind::WINDOW_UPDATE).await;
                    let Ok(Content::WindowUpdate(increment)) = update.content() else { panic!() };
                    window += if update.stream == 1 { increment } else { 0 };
                }
                window -= 1;
                peer.send([Frame::data(1, vec![byte], false)]).await;
            }
        }
    };
    let receive = async { [call.recv_msg().await.unwrap(), call.recv_msg().await.unwrap()] };
    let (received, ()) = soon(async { tokio::join!(receive, serve) }).await;
    assert_eq!(received, [Some("one".to_owned()), Some("two".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_was_dropped_goes_on_where_it_was() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let header = peer.header(1);
    peer.send([header]).await;
    for byte in message("slow") {
        peer.send([Frame::data(1, vec![byte], false)]).await;
        if let Ok(received) = timeout(Duration::from_secs(1), call.recv_msg()).await {
            assert_eq!(received.unwrap().as_deref(), Some("slow"));
            return;
        }
    }
    panic!("nothing was received");
}

#[tokio::test(start_paused = true)]
async fn padding_counts_and_is_returned() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let mut padded = vec![200];
    padded.extend(message("padded"));
    padded.extend([0; 200]);
    let header = peer.header(1);
    let flags = wire::frame::flags::PADDED;
    peer.send([header, Frame::new(Kind::DATA, flags, 1, padded)]).await;
    assert_eq!(peer.next().await, Frame::window_update(1, 201));
    assert_eq!(soon(call.recv_msg()).await.unwrap().as_deref(), Some("padded"));
}
