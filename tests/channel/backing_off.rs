//! A server that is away: what becomes of calls meanwhile, and how often it is tried.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use traitwire::{CallOptions, Channel, ChannelBuilder, Code};
use traitwire_tests::frames::{Frame, Reason};

use crate::{
    contract::{Echo, EchoClient, note},
    peer::{Port, Site, say, settle},
};

fn patient(client: &EchoClient) -> EchoClient {
    client.with(CallOptions::new().wait_for_ready())
}

/// When somebody tried to connect.
#[derive(Clone, Default)]
struct Attempts(Arc<Mutex<Vec<Instant>>>);

impl Attempts {
    /// A client that connects to there, or to nobody.
    fn client(&self, server: Option<&Site>) -> EchoClient {
        self.client_with(server, |it| it)
    }

    fn client_with(
        &self,
        server: Option<&Site>,
        set: impl Fn(ChannelBuilder) -> ChannelBuilder,
    ) -> EchoClient {
        let (attempts, server) = (self.clone(), server.map(Site::addr));
        let connector = tower::service_fn(move |_| {
            attempts.0.lock().unwrap().push(Instant::now());
            async move {
                match server {
                    Some(addr) => {
                        let stream = TcpStream::connect(addr).await?;
                        stream.set_nodelay(true)?;
                        Ok(stream)
                    }
                    None => Err(io::Error::other("nobody is there")),
                }
            }
        });
        let channel = set(Channel::builder("http://shop.example").connector(connector));
        EchoClient::new(channel.connect_lazy().unwrap())
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// How far they are apart.
    fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().windows(2).map(|it| it[1] - it[0]).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn calls_go_on_when_a_server_comes_back_to_its_port() {
    let port = Port::new();
    let site = port.listen();
    let client = site.client();
    let call = say(&client, "before");
    let mut peer = site.open(&[]).await;
    peer.answer().await;
    call.await.unwrap().unwrap();

    // It is killed.
    drop(site);
    peer.reset();
    settle().await;
    let status = client.say(note("meanwhile")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.message(), format!("connection refused by {}", port.addr));

    let site = port.listen();
    sleep(Duration::from_secs(1)).await;
    let call = say(&client, "after");
    site.open(&[]).await.answer().await;
    assert_eq!(call.await.unwrap().unwrap(), note("after"));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_a_server_succeeds_when_it_comes() {
    let port = Port::new();
    let client = EchoClient::new(Channel::builder(port.addr.to_string()).connect_lazy().unwrap());
    let waiting: Vec<_> = (0..3).map(|_| say(&patient(&client), "hello")).collect();
    settle().await;
    let start = Instant::now();
    let status = client.say(note("hello")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.message(), format!("connection refused by {}", port.addr));
    assert_eq!(start.elapsed(), Duration::ZERO, "it fails at once");
    sleep(Duration::from_secs(300)).await;
    assert!(waiting.iter().all(|call| !call.is_finished()));

    let site = port.listen();
    let mut peer = site.open(&[]).await;
    for _ in 0..3 {
        peer.answer().await;
    }
    for call in waiting {
        assert_eq!(call.await.unwrap().unwrap(), note("hello"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_a_server_has_its_deadline() {
    let attempts = Attempts::default();
    let client = attempts.client(None);
    let options = CallOptions::new().wait_for_ready().timeout(Duration::from_secs(5));
    let start = Instant::now();
    let status = client.with(options).say(note("hello")).await.unwrap_err();
    assert_eq!((status.code(), start.elapsed().as_secs()), (Code::DeadlineExceeded, 5));
    // Nobody waits, so nobody is looked for.
    sleep(Duration::from_secs(60)).await;
    let count = attempts.count();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(attempts.count(), count);
}

#[tokio::test(start_paused = true)]
async fn several_calls_at_once_make_one_attempt() {
    let attempts = Attempts::default();
    let client = attempts.client(None);
    let calls: Vec<_> = (0..20).map(|_| say(&client, "hello")).collect();
    for call in calls {
        let status = call.await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().contains("nobody is there"), "{status:?}");
    }
    assert_eq!(attempts.count(), 1);

    let site = Site::new().await;
    let attempts = Attempts::default();
    let client = attempts.client(Some(&site));
    let calls: Vec<_> = (0..20).map(|_| say(&client, "hello")).collect();
    tokio::spawn(site.open(&[]).await.serve());
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(attempts.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_is_made_in_the_time_after_one_that_failed() {
    let attempts = Attempts::default();
    let backoff = (Duration::from_secs(10), Duration::from_secs(100));
    let client = attempts.client_with(None, |it| it.backoff(backoff.0, backoff.1));
    let first = client.say(note("hello")).await.unwrap_err();
    for _ in 0..7 {
        let start = Instant::now();
        let status = client.say(note("hello")).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (first.code(), first.message()));
        assert_eq!(start.elapsed(), Duration::ZERO, "it says so at once");
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(attempts.count(), 1);
    // A fifth longer at most.
    sleep(Duration::from_secs(5)).await;
    client.say(note("hello")).await.unwrap_err();
    assert_eq!(attempts.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn attempts_grow_apart() {
    let attempts = Attempts::default();
    let _call = say(&patient(&attempts.client(None)), "hello");
    sleep(Duration::from_secs(600)).await;
    let pauses = attempts.pauses();
    for (number, pause) in pauses.iter().enumerate() {
        let expected = (0.1 * 1.6_f64.powi(i32::try_from(number).unwrap())).min(20.0);
        let (least, most) = (0.8 * expected, 1.2 * expected + 0.01);
        assert!((least..most).contains(&pause.as_secs_f64()), "{number}: {pauses:?}");
    }
    assert!(pauses.len() > 30, "{pauses:?}");
    let last: Vec<_> = pauses.iter().rev().take(10).collect();
    assert!(last.iter().any(|it| it != &last[0]), "they differ, for many clients");
}

/// One that accepts and is gone is not there.
#[tokio::test(start_paused = true)]
async fn attempts_grow_apart_at_a_server_that_ends_each_connection() {
    for says_so in [false, true] {
        let site = Site::new().await;
        let attempts = Attempts::default();
        let call = say(&patient(&attempts.client(Some(&site))), "hello");
        let ends = async {
            loop {
                let mut peer = site.open(&[]).await;
                if says_so {
                    peer.send([Frame::goaway(0, Reason::NO_ERROR, b"")]).await;
                }
                peer.close().await;
            }
        };
        assert!(timeout(Duration::from_secs(60), ends).await.is_err());
        let count = attempts.count();
        assert!((2..30).contains(&count), "{count} attempts in a minute: {:?}", attempts.pauses());
        call.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_good_is_opened_again_at_once() {
    let site = Site::new().await;
    let attempts = Attempts::default();
    let client = attempts.client(Some(&site));
    for _ in 0..10 {
        let call = say(&client, "hello");
        let mut peer = site.open(&[]).await;
        peer.answer().await;
        call.await.unwrap().unwrap();
        peer.close().await;
        settle().await;
    }
    assert!(
        attempts.pauses().iter().all(|it| *it < Duration::from_secs(1)),
        "{:?}",
        attempts.pauses()
    );
}

/// DATA for a call that there is not ends the connection, and is no answer.
#[tokio::test(start_paused = true)]
async fn a_server_that_breaks_each_connection_at_once_is_not_dialled_without_pause() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut dialled = 0;
    while !call.is_finished() && dialled < 100 {
        let accepted = timeout(Duration::from_secs(60), site.open(&[])).await;
        let Ok(mut peer) = accepted else { break };
        dialled += 1;
        peer.send([Frame::data(1, vec![0; 5], false)]).await;
        drop(peer);
    }
    assert!(dialled < 10, "{dialled} connections");
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
}
