//! Lists of servers, and how they change.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};
use traitwire::{
    Balance, CallOptions, Channel, Code, ConnectivityState, Request, Resolve, ResolveHint,
};

use super::backends::{Backend, Manner, Numbers, NumbersClient};
use crate::peer::settle;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Servers that a test names.
pub(crate) struct Known(pub(crate) watch::Receiver<Vec<String>>);

impl Resolve for Known {
    async fn next(&mut self, _: &ResolveHint) -> Result<Vec<String>, BoxError> {
        self.0.changed().await?;
        Ok(self.0.borrow_and_update().clone())
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_on_where_its_server_is_named_no_more() {
    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let backends = [Backend::new(0).await, Backend::new(1).await];
        let (lists, mut known) = watch::channel(vec![backends[0].uri()]);
        known.mark_changed();
        let channel = Channel::resolve(Known(known)).balance(balance).connect().await.unwrap();
        let client = NumbersClient::new(channel);
        backends[0].set(Manner::Slow(Duration::from_secs(60)));
        let call = tokio::spawn({
            let client = client.clone();
            async move { client.once().await }
        });
        settle().await;
        lists.send(vec![backends[1].uri()]).unwrap();
        settle().await;
        for _ in 0..3 {
            assert_eq!(client.once().await.unwrap(), 1);
        }
        assert_eq!(call.await.unwrap().unwrap(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_good_list_counts_while_there_is_no_other() {
    struct Once(Option<String>);

    impl Resolve for Once {
        async fn next(&mut self, _: &ResolveHint) -> Result<Vec<String>, BoxError> {
            Ok(vec![self.0.take().ok_or("the registry is away")?])
        }
    }

    let backend = Backend::new(7).await;
    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let channel = Channel::resolve(Once(Some(backend.uri()))).balance(balance.clone());
        let client = NumbersClient::new(channel.connect_lazy().unwrap());
        assert_eq!(client.once().await.unwrap(), 7);
        sleep(Duration::from_secs(100)).await;
        assert_eq!(client.once().await.unwrap(), 7);

        let channel = Channel::resolve(Once(None)).balance(balance).connect_lazy().unwrap();
        let status = NumbersClient::new(channel).once().await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.message(), "no server was named: the registry is away");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_says_nothing_is_not_waited_for_for_ever() {
    struct Never;

    impl Resolve for Never {
        async fn next(&mut self, _: &ResolveHint) -> Result<Vec<String>, BoxError> {
            std::future::pending().await
        }
    }

    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let channel = Channel::resolve(Never).balance(balance).connect_lazy().unwrap();
        let status = NumbersClient::new(channel).once().await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.message(), "no server was named within 20s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_is_told_when_servers_are_lost() {
    struct Hinted(Vec<String>, bool);

    impl Resolve for Hinted {
        async fn next(&mut self, hint: &ResolveHint) -> Result<Vec<String>, BoxError> {
            if std::mem::replace(&mut self.1, true) {
                hint.wanted().await;
                self.0.rotate_left(1);
            }
            Ok(vec![self.0[0].clone()])
        }
    }

    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let mut backends = [Backend::new(0).await, Backend::new(1).await];
        let names = backends.iter().map(Backend::uri).collect();
        let channel = Channel::resolve(Hinted(names, false)).balance(balance);
        let options = CallOptions::new().wait_for_ready();
        let client = NumbersClient::new(channel.connect().await.unwrap()).with(options);
        assert_eq!(client.once().await.unwrap(), 0);
        backends[0].kill().await;
        settle().await;
        assert_eq!(client.once().await.unwrap(), 1);
    }
}

/// When servers were named, in seconds.
#[derive(Clone)]
struct Named {
    begun: Instant,
    at: Arc<Mutex<Vec<u64>>>,
}

impl Subscriber for Named {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "traitwire::channel"
    }

    fn event(&self, event: &Event<'_>) {
        if event.metadata().fields().field("servers").is_some() {
            self.at.lock().unwrap().push(self.begun.elapsed().as_secs());
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_name_is_looked_up_again_at_the_end_of_its_life_and_when_a_server_is_lost() {
    let named = Named { begun: Instant::now(), at: Arc::default() };
    let _listens = tracing::subscriber::set_default(named.clone());
    let until = |seconds| sleep_until(named.begun + Duration::from_secs(seconds));
    let mut backend = Backend::new(1).await;
    let channel = Channel::builder(format!("dns:///{}", backend.addr()));
    let backoff = [Duration::from_millis(100), Duration::from_secs(1)];
    let channel = channel.balance(Balance::round_robin()).backoff(backoff[0], backoff[1]);
    let channel = channel.connect().await.unwrap();
    until(65).await;
    assert_eq!(*named.at.lock().unwrap(), [0, 30, 60]);
    // Nobody answers any more, so it is asked as often as it bears.
    backend.kill().await;
    until(78).await;
    assert_eq!(named.at.lock().unwrap()[3..], [65, 70, 75]);
    backend.start().await;
    NumbersClient::new(channel.clone())
        .with(CallOptions::new().wait_for_ready())
        .once()
        .await
        .unwrap();
    until(150).await;
    assert_eq!(named.at.lock().unwrap()[6..], [80, 110, 140]);
}

#[tokio::test]
async fn a_name_stands_for_all_of_its_addresses() {
    let backend = Backend::new(3).await;
    let name = format!("dns:///localhost:{}", backend.addr().port());
    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let channel = Channel::builder(&name).balance(balance).connect().await.unwrap();
        assert_eq!(channel.state(), ConnectivityState::Ready);
        let client = NumbersClient::new(channel);
        assert_eq!(client.mine(Request::new(())).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn what_names_no_servers_is_refused() {
    for (name, why) in [
        ("dns:", "write dns:///name:port"),
        ("dns:///", "write dns:///name:port"),
        ("dns:///shop:x", "write dns:///name:port"),
        ("dns:///shop/api", "write dns:///name:port"),
        (
            "dns://10.0.0.53/shop:1",
            "a server to look names up at is not supported: write dns:///name:port",
        ),
    ] {
        let error = Channel::builder(name).connect_lazy().unwrap_err();
        assert_eq!(error.to_string(), format!("{name:?} names no servers: {why}"));
    }
    let none: [&str; 0] = [];
    let error = Channel::list(none).connect_lazy().unwrap_err();
    assert_eq!(error.to_string(), "an empty list names no server: write one at least");
    let error = Channel::list(["http://a:1", "ftp://b"]).connect_lazy().unwrap_err();
    assert!(error.to_string().starts_with("\"ftp://b\" names no server"), "{error}");
}
