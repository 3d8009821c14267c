//! How many calls there are on a connection, and how many connections.

use std::time::Duration;

use tokio::time::timeout;
use traitwire::Channel;
use traitwire_tests::frames::{Frame, Kind};

use crate::{
    contract::{EchoClient, note},
    peer::{Peer, Site, answer, assert_no_call, at_most, say, settle},
};

#[tokio::test(start_paused = true)]
async fn no_call_begins_before_the_server_has_said_what_it_allows() {
    let site = Site::new().await;
    let call = say(&site.client(), "hello");
    let mut peer = site.accept().await;
    settle().await;
    let before = peer.so_far().await;
    assert!(before.iter().any(|frame| frame.kind == Kind::SETTINGS));
    assert_no_call(&before);
    peer.send([Frame::settings(&at_most(1))]).await;
    peer.answer().await;
    assert_eq!(call.await.unwrap().unwrap(), note("hello"));
}

#[tokio::test(start_paused = true)]
async fn one_is_connected_when_the_server_has_been_heard() {
    let site = Site::new().await;
    let uri = site.uri();
    let mut connecting = tokio::spawn(async move { Channel::connect(uri).await });
    let mut peer = site.accept().await;
    assert!(timeout(Duration::from_secs(1), &mut connecting).await.is_err());
    peer.send([Frame::settings(&[])]).await;
    connecting.await.unwrap().unwrap();
}

/// Checks that calls come one by one.
async fn serve_one_by_one(peer: &mut Peer, calls: usize) {
    for _ in 0..calls {
        let (stream, message) = peer.call().await;
        settle().await;
        assert_no_call(&peer.so_far().await);
        peer.send(answer(stream, message)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_the_server_holds_from_the_first_call_on() {
    let site = Site::new().await;
    let client = site.client_of_one();
    let calls: Vec<_> = (0..20).map(|_| say(&client, "hello")).collect();
    let mut peer = site.open(&at_most(1)).await;
    serve_one_by_one(&mut peer, 20).await;
    for call in calls {
        call.await.unwrap().unwrap();
    }
    // Also for those that come later.
    let calls: Vec<_> = (0..5).map(|_| say(&client, "hello")).collect();
    serve_one_by_one(&mut peer, 5).await;
    for call in calls {
        call.await.unwrap().unwrap();
    }
    site.assert_quiet().await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_lowered_holds_for_the_next_calls() {
    let site = Site::new().await;
    let client = site.client_of_one();
    let first = [say(&client, "one"), say(&client, "two")];
    let mut peer = site.open(&at_most(2)).await;
    let running = [peer.call().await, peer.call().await];
    peer.send([Frame::settings(&at_most(1))]).await;
    settle().await;
    let next: Vec<_> = (0..5).map(|_| say(&client, "next")).collect();
    let [one, two] = running;
    for (stream, message) in [one, two] {
        settle().await;
        assert_no_call(&peer.so_far().await);
        peer.send(answer(stream, message)).await;
    }
    serve_one_by_one(&mut peer, 5).await;
    for call in first.into_iter().chain(next) {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_for_which_there_is_no_room_opens_another_connection() {
    let site = Site::new().await;
    let client = site.client();
    let mut calls = Vec::new();
    let mut peers = Vec::new();
    for _ in 0..4 {
        calls.push(say(&client, "hello"));
        let mut peer = site.open(&at_most(1)).await;
        let call = peer.call().await;
        peers.push((peer, call));
    }
    // Four are the most. The next call waits for one of them.
    calls.push(say(&client, "last"));
    site.assert_quiet().await;
    for (mut peer, (stream, message)) in peers {
        assert_no_call(&peer.so_far().await);
        peer.send(answer(stream, message)).await;
        tokio::spawn(peer.serve());
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_a_server_that_allows_none_yet() {
    let site = Site::new().await;
    let call = say(&site.client_of_one(), "hello");
    let mut peer = site.open(&at_most(0)).await;
    site.assert_quiet().await;
    assert_no_call(&peer.so_far().await);
    peer.send([Frame::settings(&at_most(1))]).await;
    peer.answer().await;
    assert_eq!(call.await.unwrap().unwrap(), note("hello"));
}

#[tokio::test(start_paused = true)]
async fn calls_are_spread_over_the_connections() {
    let site = Site::new().await;
    let channel = Channel::builder(site.uri()).connections(2, 2).connect_lazy().unwrap();
    let client = EchoClient::new(channel);
    let first = say(&client, "first");
    let mut peers = [site.open(&[]).await, site.open(&[]).await];
    peers[0].answer().await;
    first.await.unwrap().unwrap();
    settle().await;

    let calls: Vec<_> = (0..10).map(|_| say(&client, "hello")).collect();
    let mut running = Vec::new();
    for peer in &mut peers {
        for _ in 0..5 {
            running.push(peer.call().await);
        }
        assert_no_call(&peer.so_far().await);
    }
    for (call, (stream, message)) in running.into_iter().enumerate() {
        peers[call / 5].send(answer(stream, message)).await;
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    site.assert_quiet().await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_connections_that_is_lost_is_opened_again() {
    let site = Site::new().await;
    let channel = Channel::builder(site.uri()).connections(2, 2).connect_lazy().unwrap();
    let client = EchoClient::new(channel);
    let first = say(&client, "first");
    let (mut one, two) = (site.open(&[]).await, site.open(&[]).await);
    one.answer().await;
    first.await.unwrap().unwrap();
    settle().await;
    two.close().await;

    // With the next call, which does not wait for it.
    let next = say(&client, "next");
    one.answer().await;
    next.await.unwrap().unwrap();
    site.open(&[]).await;
}
