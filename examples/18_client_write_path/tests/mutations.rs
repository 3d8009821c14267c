//! A server's bytes, changed at random: whatever comes, calls end, tasks end, and nothing panics.

use traitwire::Code;
use wire::{
    dice::{Dice, cases},
    frame::{Frame, Kind, Reason, Setting},
};

use super::peer::{BOTH, Call, Peer, message, open, soon};
use crate::{CallOptions, ClientConn, ConnOptions};

/// How a good server begins, and what it says to two calls: some of everything.
fn good() -> [Vec<u8>; 2] {
    let (_, mut peer) = Peer::pipe(1);
    let window = (Setting::INITIAL_WINDOW_SIZE, 1000);
    let begins = Frame::settings(&[window, (Setting::MAX_CONCURRENT_STREAMS, 9)]);
    let frames = [
        Frame::settings_ack(),
        Frame::window_update(0, 100_000),
        Frame::ping([1; 8], false),
        peer.header(1),
        peer.header(3),
        Frame::data(1, message("one"), false),
        Frame::window_update(3, 5000),
        Frame::data(3, message(&"three".repeat(100)), false),
        Frame::settings(&[(Setting::HEADER_TABLE_SIZE, 100)]),
        Frame::new(Kind::HEADERS, 1, 1, peer.block(&[("x-own", "value")])),
        Frame::new(Kind::CONTINUATION, 4, 1, peer.block(&[("grpc-status", "0")])),
        Frame::goaway(3, Reason::NO_ERROR, b"bye"),
        peer.trailers(3, "5"),
        Frame::rst_stream(3, Reason::NO_ERROR),
    ];
    [begins.to_bytes().to_vec(), frames.iter().flat_map(Frame::to_bytes).collect()]
}

async fn run(bytes: &[u8]) {
    let (client, mut peer) = Peer::pipe(1 << 16);
    peer.write(bytes).await;
    let conn = soon(ClientConn::handshake(client, "test", ConnOptions::default())).await;
    let Ok(conn) = conn else { return };
    let mut calls: Vec<Call> = Vec::new();
    for _ in 0..2 {
        let call = conn.new_client_stream(BOTH, CallOptions::default());
        // It may wait for ever, on a server that takes no streams.
        let call = tokio::time::timeout(std::time::Duration::from_secs(1), call).await;
        let Ok(Ok(mut call)) = call else { continue };
        // Whether it is sent is not the question.
        let _ = soon(call.send_msg(&"x".repeat(3000))).await;
        calls.push(call);
    }
    peer.vanish();
    for mut call in calls {
        let mut messages = 0;
        while let Ok(Some(_)) = soon(call.recv_msg()).await {
            messages += 1;
            assert!(messages < 1000);
        }
    }
    soon(conn.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn mutated_bytes_end_calls_and_nothing_else() {
    let mut dice = Dice(1);
    let [begins, rest] = good();
    for case in 0..cases(2000) {
        let (mut begins, mut rest) = (begins.clone(), rest.clone());
        // Without a beginning there are no calls.
        dice.mutate(if case % 8 == 0 { &mut begins } else { &mut rest });
        run(&[begins, rest].concat()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_bytes_are_good_before_they_are_mutated() {
    let (client, mut peer) = Peer::pipe(1 << 16);
    let [begins, rest] = good();
    peer.write(&begins).await;
    let conn = soon(ClientConn::handshake(client, "test", ConnOptions::default())).await.unwrap();
    let (mut one, mut three) = (open(&conn, BOTH).await, open(&conn, BOTH).await);
    peer.write(&rest).await;
    assert_eq!(soon(one.recv_msg()).await.unwrap().as_deref(), Some("one"));
    assert_eq!(soon(one.recv_msg()).await.unwrap(), None);
    assert_eq!(one.trailer().unwrap().get("x-own").unwrap(), "value");
    assert_eq!(soon(three.recv_msg()).await.unwrap(), Some("three".repeat(100)));
    assert_eq!(soon(three.recv_msg()).await.unwrap_err().code(), Code::NotFound);
}
