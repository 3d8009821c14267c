//! Which server takes a call, and whether there is one.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};
use traitwire::{
    Balance, CallOptions, Channel, Code, ConnectivityState, Endpoint, OutlierDetection, Pick,
    PickCall, Request,
};

use super::backends::{Backend, Manner, Numbers, NumbersClient};
use crate::peer::settle;

async fn client(backends: &[Backend], balance: Balance) -> NumbersClient {
    let channel = Channel::list(backends.iter().map(Backend::uri)).balance(balance);
    let client = NumbersClient::new(channel.connect().await.unwrap());
    settle().await;
    client
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_gets_few_calls_where_the_least_busy_one_is_picked() {
    let backends = Backend::three().await;
    backends[0].set(Manner::Slow(Duration::from_secs(1)));
    let client = client(&backends, Balance::least_request()).await;
    let callers = (0..10).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..30 {
                client.once().await.unwrap();
                sleep(Duration::from_millis(10)).await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let seen = backends.each_ref().map(Backend::calls);
    assert_eq!(seen.iter().sum::<usize>(), 300);
    assert!(seen[0] < 60 && seen[1] > 90 && seen[2] > 90, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_picker_of_ones_own_sees_the_servers_and_the_call() {
    struct ByPort(AtomicUsize);

    impl Pick for ByPort {
        fn pick(&self, ready: &[Endpoint], call: &PickCall<'_>) -> usize {
            self.0.fetch_add(1, Relaxed);
            assert_eq!(call.path(), "/proof.v1.Numbers/Mine");
            let wanted = call.metadata("x-server").unwrap();
            ready.iter().position(|it| it.address() == wanted).unwrap_or(usize::MAX)
        }
    }

    let backends = Backend::three().await;
    let client = client(&backends, Balance::by(ByPort(AtomicUsize::default()))).await;
    for (number, backend) in backends.iter().enumerate() {
        let options = CallOptions::new().metadata("x-server", &backend.addr().to_string());
        let said = client.with(options).mine(Request::new(())).await.unwrap();
        assert_eq!(said as usize, number);
    }
    let nowhere = client.with(CallOptions::new().metadata("x-server", "nowhere"));
    assert!(nowhere.mine(Request::new(())).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn states_are_those_of_grpc() {
    use ConnectivityState::{Connecting, Idle, Ready, Shutdown, TransientFailure};
    for balance in [Balance::pick_first(), Balance::round_robin()] {
        let mut backends = [Backend::new(0).await, Backend::down(1)];
        let channel = Channel::list(backends.iter().map(Backend::uri)).balance(balance);
        let channel = channel.connect_lazy().unwrap();
        let mut states = channel.states();
        assert_eq!((channel.state(), states.now()), (Idle, Idle));
        let client = NumbersClient::new(channel.clone());
        client.once().await.unwrap();
        assert_eq!((channel.state(), states.changed().await), (Ready, Ready));
        backends[0].kill().await;
        let status = loop {
            match client.once().await {
                Ok(_) => settle().await,
                Err(status) => break status,
            }
        };
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().contains("connection refused by 127.0.0.1:"), "{status:?}");
        while states.now() != TransientFailure {
            let state = states.changed().await;
            assert!(matches!(state, Idle | Connecting | TransientFailure), "{state:?}");
        }
        backends[1].start().await;
        let waits = client.with(CallOptions::new().wait_for_ready());
        assert_eq!(waits.once().await.unwrap(), 1);
        assert_eq!(states.now(), Ready);
        drop((channel, client, waits));
        loop {
            if states.changed().await == Shutdown {
                break;
            }
        }
        assert_eq!(states.now(), Shutdown);
    }
}

#[tokio::test(start_paused = true)]
async fn why_no_server_takes_calls_is_told() {
    let backends = [Backend::down(0), Backend::down(1)];
    let channel = Channel::list(backends.iter().map(Backend::uri)).balance(Balance::round_robin());
    let error = channel.connect().await.unwrap_err().to_string();
    let [one, other] = backends.each_ref().map(Backend::addr);
    let said = format!(
        "none of 2 servers takes calls: connection refused by {one}; connection refused by {other}"
    );
    assert_eq!(error, said);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_says_nothing_has_a_quarter_of_a_second_for_itself() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let backend = Backend::new(5).await;
    let uris = [format!("http://{}", silent.local_addr().unwrap()), backend.uri()];
    let begun = Instant::now();
    let channel = Channel::list(uris).connect().await.unwrap();
    assert!((250..300).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(NumbersClient::new(channel).once().await.unwrap(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_calls_fail_is_left_out_for_a_while() {
    let backends = Backend::three().await;
    let second = Duration::from_secs(1);
    let detection = OutlierDetection::new()
        .interval(second)
        .ejection_time(10 * second, 20 * second)
        .min_servers(3)
        .min_calls(10);
    let channel = Channel::list(backends.iter().map(Backend::uri))
        .balance(Balance::round_robin())
        .outlier_detection(detection);
    let client = NumbersClient::new(channel.connect().await.unwrap());
    settle().await;
    backends[0].set(Manner::Fails);
    let calls = async |seconds: u32| {
        for backend in &backends {
            backend.calls();
        }
        for _ in 0..100 * seconds {
            let _ = client.once().await;
            sleep(Duration::from_millis(10)).await;
        }
        backends.each_ref().map(Backend::calls)
    };
    calls(2).await;
    let [out, ..] = calls(8).await;
    assert_eq!(out, 0);
    // It comes back, and is left out for twice as long.
    let [back, ..] = calls(4).await;
    assert!((10..100).contains(&back), "{back}");
    let [out, ..] = calls(17).await;
    assert!(out < back, "{out}");
    backends[0].set(Manner::Well);
    sleep(30 * second).await;
    let [well, ..] = calls(2).await;
    assert!((60..=70).contains(&well), "{well}");
}

#[tokio::test(start_paused = true)]
async fn the_last_clone_leaves_all_servers() {
    let backends = Backend::three().await;
    let client = client(&backends, Balance::round_robin()).await;
    client.once().await.unwrap();
    let channel = Channel::list([backends[0].uri()]).balance(Balance::round_robin());
    let mut states = channel.connect().await.unwrap().states();
    let ended = async { while states.changed().await != ConnectivityState::Shutdown {} };
    timeout(Duration::from_secs(1), ended).await.unwrap();
}
