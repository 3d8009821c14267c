//! When the server says that it goes away.

use traitwire_tests::frames::{Frame, Reason};

use crate::{
    contract::{Echo, note},
    peer::{Site, answer, assert_no_call, at_most, say, settle},
};

/// Every stream that there may be.
const ALL: u32 = 0x7fff_ffff;

#[tokio::test]
async fn no_call_begins_on_a_connection_after_its_goaway() {
    let site = Site::new().await;
    let client = site.client();
    for last in [1, ALL] {
        let first = say(&client, "first");
        let mut old = site.open(&[]).await;
        let (stream, message) = old.call().await;
        old.send(answer(stream, message)).await;
        old.send([Frame::goaway(last, Reason::NO_ERROR, b"")]).await;
        first.await.unwrap().unwrap();

        let calls: Vec<_> = (0..100).map(|_| say(&client, "next")).collect();
        let mut new = site.open(&[]).await;
        for _ in 0..100 {
            new.answer().await;
        }
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), note("next"));
        }
        assert_no_call(&old.rest().await);
        new.send([Frame::goaway(ALL, Reason::NO_ERROR, b"")]).await;
        assert_no_call(&new.rest().await);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_run_at_a_goaway_go_on() {
    let site = Site::new().await;
    let client = site.client();
    let first = say(&client, "first");
    let mut old = site.open(&[]).await;
    let (stream, message) = old.call().await;
    old.send([Frame::goaway(stream, Reason::NO_ERROR, b"")]).await;
    settle().await;

    let second = say(&client, "second");
    let mut new = site.open(&[]).await;
    new.answer().await;
    assert_eq!(second.await.unwrap().unwrap(), note("second"));

    old.send(answer(stream, message)).await;
    assert_eq!(first.await.unwrap().unwrap(), note("first"));
    assert_no_call(&old.rest().await);
}

#[tokio::test]
async fn no_call_is_lost_by_a_server_that_goes_away_in_peace_again_and_again() {
    const CALLERS: usize = 50;
    const CALLS: usize = 20;
    let site = Site::new().await;
    let client = site.client();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..CALLS {
                    client.say(note("hello")).await.unwrap();
                }
            })
        })
        .collect();
    let mut connections = Vec::new();
    let all = async {
        for caller in callers {
            caller.await.unwrap();
        }
    };
    tokio::pin!(all);
    loop {
        let mut peer = tokio::select! {
            () = &mut all => break,
            peer = site.open(&[]) => peer,
        };
        connections.push(tokio::spawn(async move {
            let served = peer.serve_at_most(37).await;
            peer.send([Frame::goaway(ALL, Reason::NO_ERROR, b"")]).await;
            served + peer.serve().await
        }));
    }
    drop(client);
    let (count, mut served) = (connections.len(), 0);
    for connection in connections {
        served += connection.await.unwrap();
    }
    assert_eq!(served, CALLERS * CALLS, "each call once");
    assert!(count > 5, "{count}");
}

/// Of the calls that wait on the way, none is sent where the server has gone away meanwhile.
#[tokio::test(start_paused = true)]
async fn calls_that_wait_at_a_goaway_go_elsewhere() {
    let site = Site::new().await;
    let client = site.client_of_one();
    let first = say(&client, "first");
    let mut old = site.open(&at_most(1)).await;
    let (stream, message) = old.call().await;
    let waiting: Vec<_> = (0..10).map(|_| say(&client, "next")).collect();
    settle().await;
    old.send([Frame::goaway(stream, Reason::NO_ERROR, b"")]).await;
    let mut new = site.open(&[]).await;
    for _ in 0..10 {
        new.answer().await;
    }
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    old.send(answer(stream, message)).await;
    first.await.unwrap().unwrap();
    assert_no_call(&old.rest().await);
}
