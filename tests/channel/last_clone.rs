//! The end of a channel: when its last clone is dropped.

use traitwire_tests::frames::Frame;

use crate::{
    contract::{Echo, note},
    peer::{Site, answer, assert_no_call, framed, head, say, settle},
};

#[tokio::test]
async fn a_channel_that_nobody_holds_ends_its_connections() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    peer.answer().await;
    call.await.unwrap().unwrap();
    let clone = client.clone();
    drop(client);

    // Not while there is a clone.
    let call = say(&clone, "again");
    peer.answer().await;
    call.await.unwrap().unwrap();
    drop(clone);
    assert_no_call(&peer.rest().await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_after_the_calls_that_run() {
    let site = Site::new().await;
    let client = site.client();
    let unary = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    let (first, message) = peer.call().await;
    let mut notes = client.repeat(note("hello"));
    let reading = tokio::spawn(async move {
        let mut count = 0;
        while notes.message().await.unwrap().is_some() {
            count += 1;
        }
        count
    });
    let (second, _) = peer.call().await;
    drop(client);
    settle().await;

    let tick = || Frame::data(second, framed(&note("tick")), false);
    peer.send([head(second), tick()]).await;
    settle().await;
    peer.send(answer(first, message)).await;
    unary.await.unwrap().unwrap();
    settle().await;
    assert_no_call(&peer.so_far().await);
    peer.send([tick(), tick()]).await;
    let [_, data, end] = answer(second, framed(&note("last")));
    peer.send([data, end]).await;
    assert_eq!(reading.await.unwrap(), 4);
    assert_no_call(&peer.rest().await);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_dropped_while_it_connects_leaves_nothing() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut peer = site.accept().await;
    call.abort();
    drop(client);
    settle().await;
    peer.send([Frame::settings(&[])]).await;
    assert_no_call(&peer.rest().await);
    site.assert_quiet().await;
}
