//! Whether the server is there: what it is asked, how often, and what is said when it does not answer.

use std::time::Duration;

use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use traitwire::{Channel, ChannelBuilder, Code, Status};
use traitwire_tests::frames::{Content, Frame, Kind, Reason};

use crate::{
    contract::{Echo, EchoClient, Note, note},
    peer::{Peer, Site, at_most, framed, head, say, settle},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn often(channel: ChannelBuilder) -> ChannelBuilder {
    channel.keepalive(seconds(10), seconds(10))
}

/// A client and its server, in the middle of a call.
async fn in_a_call(
    site: &Site,
    set: impl Fn(ChannelBuilder) -> ChannelBuilder,
) -> (EchoClient, JoinHandle<Result<Note, Status>>, Peer) {
    let channel = set(Channel::builder(site.uri())).connect_lazy().unwrap();
    let client = EchoClient::new(channel);
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    peer.call().await;
    (client, call, peer)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_in_a_call_is_found_within_twenty_seconds() {
    let site = Site::new().await;
    let start = Instant::now();
    let (_client, call, mut peer) = in_a_call(&site, |it| it).await;
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 20);
    let said = format!("{} did not answer a ping for 10s", site.addr());
    assert_eq!((status.code(), status.message()), (Code::Unavailable, &*said));
    let pings = peer.so_far().await.into_iter().filter(|frame| frame.kind == Kind::PING);
    assert_eq!(pings.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_times_can_be_set() {
    let site = Site::new().await;
    let start = Instant::now();
    let (_client, call, _peer) = in_a_call(&site, |it| it.keepalive(seconds(3), seconds(2))).await;
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(status.message().ends_with("did not answer a ping for 2s"), "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn without_keepalive_a_silent_server_is_waited_for() {
    let site = Site::new().await;
    let (_client, call, mut peer) = in_a_call(&site, ChannelBuilder::without_keepalive).await;
    sleep(HOUR).await;
    assert!(!call.is_finished());
    assert!(peer.so_far().await.iter().all(|frame| frame.kind != Kind::PING));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_between_two_calls_is_found_by_the_next_one() {
    let site = Site::new().await;
    let client = site.client();
    let first = say(&client, "first");
    let mut peer = site.open(&[]).await;
    peer.answer().await;
    first.await.unwrap().unwrap();
    sleep(HOUR).await;
    let start = Instant::now();
    let status = client.say(note("next")).await.unwrap_err();
    assert_eq!((status.code(), start.elapsed().as_secs()), (Code::Unavailable, 20));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_while_no_call_runs() {
    let site = Site::new().await;
    for set in [|it| it, often] {
        let client = EchoClient::new(set(Channel::builder(site.uri())).connect_lazy().unwrap());
        let first = say(&client, "first");
        let mut peer = site.open(&[]).await;
        peer.answer().await;
        first.await.unwrap().unwrap();
        sleep(HOUR).await;
        assert!(peer.so_far().await.iter().all(|frame| frame.kind != Kind::PING));
        // Nor is the connection lost.
        let next = say(&client, "next");
        peer.answer().await;
        next.await.unwrap().unwrap();
    }
}

/// Answers each PING for an hour, and counts them; sends DATA of a stream time and again meanwhile.
async fn pings_in_an_hour(mut peer: Peer, data: Option<(u32, Duration)>) -> usize {
    let end = Instant::now() + HOUR;
    let (stream, every) = data.unwrap_or((0, HOUR));
    let (mut pings, mut next) = (0, Instant::now() + every);
    while next <= end {
        tokio::select! {
            frame = peer.next() => {
                let frame = frame.expect("the client goes on");
                if let Ok(Content::Ping { payload, ack: false }) = frame.content() {
                    pings += 1;
                    peer.send([Frame::ping(payload, true)]).await;
                }
            }
            () = sleep_until(next) => {
                next += every;
                if data.is_some() {
                    peer.send([Frame::data(stream, framed(&note("tick")), false)]).await;
                }
            }
        }
    }
    pings
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_nothing_else_is_asked_once_in_five_minutes() {
    let site = Site::new().await;
    let (_client, call, peer) = in_a_call(&site, |it| it).await;
    let pings = pings_in_an_hour(peer, None).await;
    // After ten seconds, and every five minutes then.
    assert_eq!(pings, 12);
    assert!(!call.is_finished() || call.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_server_is_asked_at_each_interval_that_is_set() {
    let site = Site::new().await;
    let (_client, _call, peer) = in_a_call(&site, |it| it.keepalive(seconds(60), seconds(5))).await;
    let pings = pings_in_an_hour(peer, None).await;
    assert!((59..=60).contains(&pings), "{pings}");
}

/// A client that reads a stream, and its server.
async fn in_a_stream(
    site: &Site,
    set: impl Fn(ChannelBuilder) -> ChannelBuilder,
) -> (JoinHandle<()>, Peer, u32) {
    let client = EchoClient::new(set(Channel::builder(site.uri())).connect_lazy().unwrap());
    let mut notes = client.repeat(note("hello"));
    let reading = tokio::spawn(async move { while notes.message().await.unwrap().is_some() {} });
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    peer.send([head(stream)]).await;
    settle().await;
    (reading, peer, stream)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_all_the_time_is_never_asked() {
    let site = Site::new().await;
    for set in [|it| it, often] {
        let (reading, peer, stream) = in_a_stream(&site, set).await;
        assert_eq!(pings_in_an_hour(peer, Some((stream, seconds(9)))).await, 0);
        drop(reading);
    }
}

/// Each message lets it be asked again, so one that sends one a minute is asked once for each of them.
#[tokio::test(start_paused = true)]
async fn a_server_that_sends_now_and_then_is_asked_once_after_each_message() {
    let site = Site::new().await;
    let (_reading, peer, stream) = in_a_stream(&site, |it| it).await;
    let pings = pings_in_an_hour(peer, Some((stream, seconds(60)))).await;
    assert!((59..=60).contains(&pings), "{pings}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_in_a_stream_is_found_within_twenty_seconds_of_its_last_word() {
    let site = Site::new().await;
    let client = site.client();
    let mut notes = client.repeat(note("hello"));
    let reading = tokio::spawn(async move {
        assert_eq!(notes.message().await.unwrap(), Some(note("tick")));
        notes.message().await.unwrap_err()
    });
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    sleep(seconds(7)).await;
    let start = Instant::now();
    peer.send([head(stream), Frame::data(stream, framed(&note("tick")), false)]).await;
    let status = reading.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 20);
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}

/// gRPC's proposal A8.
#[tokio::test(start_paused = true)]
async fn a_server_that_was_asked_too_often_is_asked_half_as_often_then() {
    let site = Site::new().await;
    let set = |it: ChannelBuilder| it.keepalive(seconds(60), seconds(5));
    let (client, call, mut peer) = in_a_call(&site, set).await;
    peer.send([Frame::goaway(1, Reason::ENHANCE_YOUR_CALM, b"too_many_pings")]).await;
    drop(peer);
    call.await.unwrap().unwrap_err();
    sleep(seconds(10)).await;
    let _call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    peer.call().await;
    let pings = pings_in_an_hour(peer, None).await;
    assert!((29..=30).contains(&pings), "{pings}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_no_call_is_asked_for_the_sake_of_those_that_wait() {
    let site = Site::new().await;
    let client = site.client_of_one();
    let call = say(&client, "hello");
    let mut peer = site.open(&at_most(0)).await;
    let start = Instant::now();
    let mut next = site.open(&[]).await;
    assert_eq!(start.elapsed().as_secs(), 20);
    let asked = peer.so_far().await.into_iter().filter(|frame| frame.kind == Kind::PING);
    assert_eq!(asked.count(), 1);
    next.answer().await;
    assert_eq!(call.await.unwrap().unwrap(), note("hello"));
}

#[tokio::test(start_paused = true)]
async fn a_server_is_asked_once_a_second_at_most() {
    let site = Site::new().await;
    let set = |it: ChannelBuilder| it.keepalive(Duration::ZERO, Duration::ZERO);
    let (_client, _call, mut peer) = in_a_call(&site, set).await;
    sleep(Duration::from_millis(900)).await;
    assert!(peer.so_far().await.iter().all(|frame| frame.kind != Kind::PING));
}
