//! A call that waits for a place, and is over before there is one.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;
use traitwire::{CallOptions, Code};
use traitwire_tests::frames::Frame;

use crate::{
    contract::{Echo, EchoClient, note},
    peer::{Peer, Site, answer, assert_no_call, at_most, framed, say, settle},
};

fn hurried(client: &EchoClient) -> EchoClient {
    client.with(CallOptions::new().timeout(Duration::from_secs(1)))
}

/// A client and its server, which is busy with a call.
async fn busy(site: &Site) -> (EchoClient, Peer) {
    let client = site.client_of_one();
    let _first = say(&client, "first");
    let mut peer = site.open(&at_most(1)).await;
    let call = peer.call().await;
    assert_eq!(call.0, 1);
    (client, peer)
}

/// Has the first call end. The next one is the only other one that was sent.
async fn assert_next_is(mut peer: Peer, client: &EchoClient) {
    peer.send(answer(1, framed(&note("first")))).await;
    settle().await;
    assert_no_call(&peer.so_far().await);
    let next = say(client, "next");
    let (stream, message) = peer.call().await;
    assert_eq!((stream, &message), (3, &framed(&note("next"))));
    peer.send(answer(stream, message)).await;
    next.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_while_a_call_waits_for_a_place() {
    let site = Site::new().await;
    let (client, peer) = busy(&site).await;
    let start = Instant::now();
    let status = hurried(&client).say(note("late")).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(start.elapsed().as_secs(), 1);
    assert_next_is(peer, &client).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_it_waits_for_a_place() {
    let site = Site::new().await;
    let (client, peer) = busy(&site).await;
    let dropped = say(&client, "dropped");
    settle().await;
    dropped.abort();
    settle().await;
    assert_next_is(peer, &client).await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_while_there_is_no_connection() {
    let site = Site::new().await;
    let client = site.client();
    let start = Instant::now();
    let status = hurried(&client).say(note("late")).await.unwrap_err();
    assert_eq!((status.code(), start.elapsed().as_secs()), (Code::DeadlineExceeded, 1));
    let mut peer = site.open(&[]).await;
    settle().await;
    assert_no_call(&peer.so_far().await);

    let next = say(&client, "next");
    assert_eq!(peer.answer().await, framed(&note("next")));
    next.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_there_is_no_connection() {
    let site = Site::new().await;
    let client = site.client();
    let dropped = say(&client, "dropped");
    let mut peer = site.accept().await;
    dropped.abort();
    settle().await;
    peer.send([Frame::settings(&[])]).await;
    settle().await;
    assert_no_call(&peer.so_far().await);
}

/// It was handed to the connection, which has not looked yet.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_the_connection_takes_it() {
    let site = Site::new().await;
    let client = site.client();
    let first = say(&client, "first");
    let mut peer = site.open(&[]).await;
    peer.answer().await;
    first.await.unwrap().unwrap();
    // This task polls the call once, and the one of the connection does not run meanwhile.
    assert!(client.say(note("dropped")).now_or_never().is_none());
    settle().await;
    assert_no_call(&peer.so_far().await);
}
