//! Answers that nobody reads to their end.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tokio::net::TcpStream;
use traitwire::Channel;
use traitwire_tests::{
    frames::{Content, Frame, Kind, Reason},
    serve,
};
use wire::{
    Side,
    tap::{Event, Tap},
};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Parrot, note},
    peer::{Site, framed, head, say, settle},
};

/// A connection takes no more calls when a hundred of its calls were given up, and none is ended by the
/// server for that.
#[tokio::test]
async fn three_thousand_answers_that_are_dropped_early_anger_nobody() {
    let server = serve(EchoServer::new(Parrot)).await;
    let taps = Arc::new(Mutex::new(Vec::new()));
    let connector = tower::service_fn({
        let (taps, addr) = (Arc::clone(&taps), server.addr);
        move |_| {
            let tap = Tap::new();
            taps.lock().unwrap().push(tap.clone());
            async move {
                let stream = TcpStream::connect(addr).await?;
                stream.set_nodelay(true)?;
                Ok::<_, io::Error>(tap.wrap(stream, Side::Client))
            }
        }
    });
    let channel = Channel::builder(server.uri()).connector(connector).connect_lazy().unwrap();
    let client = EchoClient::new(channel);
    for _ in 0..30 {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    let mut notes = client.repeat(Note { count: 2, ..note("hold") });
                    notes.message().await.unwrap().unwrap();
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    }
    client.say(note("hello")).await.unwrap();
    drop(client);

    let taps = taps.lock().unwrap().clone();
    assert!((1..=31).contains(&taps.len()), "{} connections", taps.len());
    let mut resets = 0;
    for tap in taps {
        tap.until(|all| all.iter().any(|it| matches!(it.event, Event::End { .. }))).await;
        assert!(tap.frames(Side::Server).iter().all(|frame| frame.kind != Kind::GOAWAY));
        let sent = tap.frames(Side::Client);
        resets += sent.iter().filter(|frame| frame.kind == Kind::RST_STREAM).count();
    }
    assert_eq!(resets, 3_000);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_dropped_is_cancelled() {
    let site = Site::new().await;
    let client = site.client();
    let mut notes = client.repeat(note("hello"));
    let first = tokio::spawn(async move {
        notes.message().await.unwrap();
        notes
    });
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    let tick = || Frame::data(stream, framed(&note("tick")), false);
    peer.send([head(stream), tick()]).await;
    drop(first.await.unwrap());
    settle().await;
    let resets = peer.so_far().await.into_iter().filter_map(|frame| frame.content().ok());
    let resets: Vec<_> = resets.filter(|it| matches!(it, Content::RstStream(_))).collect();
    assert_eq!(resets, [Content::RstStream(Reason::CANCEL)]);

    // What was on its way is passed over.
    peer.send([tick(), tick()]).await;
    let next = say(&client, "next");
    peer.answer().await;
    next.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_its_answer_is_cancelled() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    peer.call().await;
    call.abort();
    settle().await;
    let frames = peer.so_far().await;
    assert!(frames.iter().any(|it| it.content() == Ok(Content::RstStream(Reason::CANCEL))));
}

/// Those that are left finish the calls that they have, and count among those that there may be.
#[tokio::test(start_paused = true)]
async fn there_are_no_more_connections_than_may_be_however_many_calls_are_dropped() {
    let site = Site::new().await;
    let channel = Channel::builder(site.uri()).connections(1, 2).connect_lazy().unwrap();
    let client = EchoClient::new(channel);
    let mut long = Vec::new();
    let mut peers = Vec::new();
    for _ in 0..2 {
        long.push(say(&client, "long"));
        let mut peer = site.open(&[]).await;
        peer.call().await;
        for _ in 0..100 {
            let call = say(&client, "dropped");
            peer.call().await;
            call.abort();
            settle().await;
        }
        peers.push(peer);
    }
    let next = say(&client, "next");
    peers[1].answer().await;
    next.await.unwrap().unwrap();
    site.assert_quiet().await;
    assert!(long.iter().all(|call| !call.is_finished()));
}
