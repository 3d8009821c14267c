//! Calls that are sent more than once: gRPC's proposal A6.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use traitwire::{
    Balance, CallOptions, Channel, ChannelBuilder, Code, HedgingPolicy, Request, RetryPolicy,
    ServiceConfig, Streaming,
};
use traitwire_tests::frames::{Frame, Kind};

use super::backends::{Backend, Manner, Numbers, NumbersClient};
use crate::{
    contract::{Echo, EchoClient, note},
    peer::{Site, head, say, settle},
};

const SECOND: Duration = Duration::from_secs(1);

fn channel(backends: &[Backend], config: ServiceConfig) -> ChannelBuilder {
    Channel::list(backends.iter().map(Backend::uri))
        .balance(Balance::round_robin())
        .service_config(config)
}

async fn client(backends: &[Backend], config: ServiceConfig) -> NumbersClient {
    let client = NumbersClient::new(channel(backends, config).connect().await.unwrap());
    settle().await;
    client
}

fn calls(backends: &[Backend]) -> usize {
    backends.iter().map(Backend::calls).sum()
}

#[tokio::test(start_paused = true)]
async fn only_what_may_be_called_twice_is_unless_it_is_named() {
    let backends = Backend::three().await;
    backends.iter().for_each(|it| it.set(Manner::Fails));
    let policy = RetryPolicy::new(3);
    for (config, mine, once) in [
        (ServiceConfig::new(), 1, 1),
        (ServiceConfig::new().idempotent(policy.clone()), 3, 1),
        (ServiceConfig::new().method("proof.v1.Numbers/Once", policy.clone()), 1, 3),
        (ServiceConfig::new().method("/proof.v1.Numbers", policy.clone()), 3, 3),
        (ServiceConfig::new().method("proof.v1.Other", policy.clone()), 1, 1),
        (ServiceConfig::new().idempotent(policy.clone().codes([Code::Internal])), 1, 1),
    ] {
        let case = format!("{config:?}");
        let client = client(&backends, config).await;
        let status = client.mine(Request::new(())).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Unavailable, "not now"));
        assert_eq!(calls(&backends), mine, "{case}");
        client.once().await.unwrap_err();
        assert_eq!(calls(&backends), once, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_goes_to_another_server_after_a_pause_and_says_its_number() {
    let backends = Backend::three().await;
    backends.iter().for_each(|it| it.set(Manner::Fails));
    let policy = RetryPolicy::new(5).backoff(SECOND, 3 * SECOND, 2.0);
    let client = client(&backends, ServiceConfig::new().idempotent(policy)).await;
    let begun = Instant::now();
    client.mine(Request::new(())).await.unwrap_err();
    // 1, 2, 3 and 3 s, each a fifth longer or shorter.
    let took = begun.elapsed().as_secs_f64();
    assert!((7.2..10.8).contains(&took), "{took}");
    let mut seen: Vec<_> = backends.iter().map(Backend::calls).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 2]);
    let previous = backends.iter().flat_map(|it| it.seen.previous.lock().unwrap().clone());
    let mut previous: Vec<_> = previous.collect();
    previous.sort();
    assert_eq!(
        previous,
        [None, Some("1"), Some("2"), Some("3"), Some("4")].map(|it| it.map(str::to_owned))
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_says_when_and_whether_it_is_to_be_called_again() {
    for (said, attempts, seconds) in
        [("7000", 3, 14.0..14.5), ("-1", 1, 0.0..0.1), ("soon", 1, 0.0..0.1), ("0", 3, 0.0..0.1)]
    {
        let backends = Backend::three().await;
        backends.iter().for_each(|it| it.set(Manner::Pushback(said)));
        let config = ServiceConfig::new().idempotent(RetryPolicy::new(3));
        let client = client(&backends, config).await;
        let begun = Instant::now();
        client.mine(Request::new(())).await.unwrap_err();
        assert_eq!(calls(&backends), attempts, "{said}");
        let took = begun.elapsed().as_secs_f64();
        assert!(seconds.contains(&took), "{said}: {took}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_attempts_have_one_deadline() {
    let backends = [Backend::new(0).await];
    backends[0].set(Manner::Fails);
    let policy = RetryPolicy::new(5).backoff(SECOND, SECOND, 1.0);
    let client = client(&backends, ServiceConfig::new().idempotent(policy)).await;
    let begun = Instant::now();
    let in_time = client.with(CallOptions::new().timeout(SECOND / 2));
    let status = in_time.mine(Request::new(())).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!((500..510).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_again_while_many_calls_fail() {
    let backends = [Backend::new(0).await];
    backends[0].set(Manner::Fails);
    let policy = RetryPolicy::new(4).backoff(SECOND / 100, SECOND / 100, 1.0);
    let config = ServiceConfig::new().idempotent(policy).throttle(10, 0.5);
    let client = client(&backends, config).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        client.mine(Request::new(())).await.unwrap_err();
        seen.push(calls(&backends));
    }
    // Of ten tokens half are left after the fifth failure.
    assert_eq!(seen, [4, 1, 1, 1]);
    // 3 are left, and each good call brings half of one: with more than 5 it goes on.
    backends[0].set(Manner::Well);
    for _ in 0..8 {
        client.mine(Request::new(())).await.unwrap();
    }
    backends[0].set(Manner::Fails);
    calls(&backends);
    client.mine(Request::new(())).await.unwrap_err();
    assert_eq!(calls(&backends), 2);
}

fn echo(site: &Site) -> EchoClient {
    let config = ServiceConfig::new().method("proof.v1.Echo", RetryPolicy::new(3));
    let channel = Channel::builder(site.uri()).service_config(config);
    EchoClient::new(channel.connect_lazy().unwrap())
}

/// UNAVAILABLE in the trailers, or as the whole answer.
fn unavailable(stream: u32) -> Frame {
    Frame::headers(stream, b"\x88\x00\x0bgrpc-status\x0214".as_slice(), true)
}

#[tokio::test(start_paused = true)]
async fn a_call_is_committed_by_the_headers_of_its_answer() {
    let site = Site::new().await;
    let client = echo(&site);
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    peer.send([unavailable(stream)]).await;
    let (stream, _) = peer.call().await;
    let trailers = Frame::headers(stream, b"\x00\x0bgrpc-status\x0214".as_slice(), true);
    peer.send([head(stream), trailers]).await;
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    sleep(5 * SECOND).await;
    assert!(!peer.so_far().await.iter().any(|it| it.kind == Kind::HEADERS));
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_sent_again_while_all_of_it_is_there() {
    for (bytes, attempts) in [(1000, 2), (100_000, 1)] {
        let site = Site::new().await;
        let client = echo(&site);
        let (mut sender, notes) = Streaming::channel(1);
        let call = tokio::spawn(async move { client.join(notes).await });
        let mut peer = site.open(&[]).await;
        let first = peer.begun().await;
        for _ in 0..2 {
            let mut note = note("");
            note.payload = vec![0; bytes / 2];
            sender.send(note).await.unwrap();
        }
        settle().await;
        peer.send([Frame::window_update(0, 1 << 20), Frame::window_update(first, 1 << 20)]).await;
        settle().await;
        peer.send([unavailable(first)]).await;
        drop(sender);
        if attempts == 2 {
            let (_, body) = peer.call().await;
            assert!(body.len() > bytes, "{}", body.len());
            peer.reset();
        }
        assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_counts_and_the_others_are_given_up() {
    let sites = [Site::new().await, Site::new().await];
    let config = ServiceConfig::new().method("proof.v1.Echo/Say", HedgingPolicy::new(2, SECOND));
    let channel = Channel::list(sites.iter().map(Site::uri))
        .balance(Balance::round_robin())
        .service_config(config);
    let client = EchoClient::new(channel.connect_lazy().unwrap());
    let call = say(&client, "hello");
    let (mut one, mut other) = (sites[0].open(&[]).await, sites[1].open(&[]).await);
    let begun = Instant::now();
    // Both get it, whichever was first.
    let (slow, _) = one.call().await;
    other.answer().await;
    assert_eq!(call.await.unwrap().unwrap().text, "hello");
    assert!(begun.elapsed() < 2 * SECOND);
    assert_eq!(one.given_up().await, slow);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_makes_way_for_the_next_one() {
    let backends = Backend::three().await;
    backends[0].set(Manner::Fails);
    backends[1].set(Manner::Fails);
    let config = ServiceConfig::new().idempotent(HedgingPolicy::new(3, 60 * SECOND));
    let client = client(&backends, config).await;
    let begun = Instant::now();
    for _ in 0..6 {
        assert_eq!(client.mine(Request::new(())).await.unwrap(), 2);
    }
    assert!(begun.elapsed() < SECOND);
    // One that says more than that it is not there ends the call, and so does one that wants no more.
    backends.iter().for_each(|it| it.set(Manner::Pushback("-1")));
    calls(&backends);
    let status = client.mine(Request::new(())).await.unwrap_err();
    assert_eq!((status.code(), calls(&backends)), (Code::Unavailable, 1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_is_made_elsewhere_too_and_only_so_often() {
    let backends = Backend::three().await;
    backends[0].set(Manner::Slow(60 * SECOND));
    let config = ServiceConfig::new().idempotent(HedgingPolicy::new(2, SECOND / 10));
    let client = client(&backends, config).await;
    for _ in 0..30 {
        let begun = Instant::now();
        assert_ne!(client.mine(Request::new(())).await.unwrap(), 0);
        assert!(begun.elapsed() < SECOND / 2);
    }
    let seen = backends.each_ref().map(Backend::calls);
    assert!(seen.iter().sum::<usize>() <= 45, "{seen:?}");
}
