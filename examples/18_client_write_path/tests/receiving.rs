//! What we receive: how much window the peer gets for it, and when.

use wire::frame::{Frame, Kind};

use super::peer::{BOTH, Call, connect, message, opened, soon, stands_still};
use crate::CallOptions;

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
async fn what_is_compressed_is_read() {
    let (conn, mut peer) = connect(&[]).await;
    let options = CallOptions { compress: true, ..CallOptions::default() };
    let mut call: Call = soon(conn.new_client_stream(BOTH, options)).await.unwrap();
    let long = "x".repeat(10_000);
    call.send_msg(&long).await.unwrap();
    let sent = peer.expect(Kind::DATA).await.payload;
    assert!(sent[0] == 1 && sent.len() < 100, "{sent:?}");
    let gzip =
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")];
    peer.send_block(&gzip).await;
    peer.send([Frame::data(1, sent, false)]).await;
    assert!(soon(call.recv_msg()).await.unwrap().as_deref() == Some(&*long));
}
