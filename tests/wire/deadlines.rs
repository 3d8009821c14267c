//! Deadlines: on the wire, and what each side says when time runs out.

use std::{collections::BTreeMap, pin::pin, sync::Mutex, time::Duration};

use tonic::service::interceptor::InterceptedService;
use traitwire::{CallOptions, Code, Request, Status, StreamExt, Streaming, deadline};
use traitwire_tests::{
    Server, serve, serve_all, serve_http, serve_with, stock::proof::v1 as stock,
};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Parrot, StockParrot, note, notes},
    layers::ends,
    raw::{self, Canned},
};

const SHORT: Duration = Duration::from_millis(20);

/// Time that no test takes.
const LONG: Duration = Duration::from_secs(600);

/// The timeout in a header, read by the letter of the specification.
fn timeout(value: &str) -> Duration {
    let (digits, unit) = value.split_at(value.len() - 1);
    assert!(digits.len() <= 8, "{value}");
    let count = digits.parse().expect("digits");
    match unit {
        "n" => Duration::from_nanos(count),
        "u" => Duration::from_micros(count),
        "m" => Duration::from_millis(count),
        "S" => Duration::from_secs(count),
        other => panic!("unit {other} in {value}"),
    }
}

/// The timeouts that a stock server gets from what `call` does, in order.
async fn seen_by_stock(call: impl AsyncFnOnce(EchoClient)) -> Vec<Option<Duration>> {
    let seen = std::sync::Arc::new(Mutex::new(Vec::new()));
    let server = stock::echo_server::EchoServer::new(StockParrot);
    let server = InterceptedService::new(server, {
        let seen = seen.clone();
        move |request: Request<()>| {
            let header = request.metadata().get("grpc-timeout");
            seen.lock().unwrap().push(header.map(|value| timeout(value.to_str().unwrap())));
            Ok(request)
        }
    });
    let server = serve_http(server).await;
    call(EchoClient::new(server.connect().await)).await;
    std::mem::take(&mut *seen.lock().unwrap())
}

#[tokio::test]
async fn a_timeout_goes_out_with_every_shape() {
    let seen = seen_by_stock(async |echo| {
        let echo = echo.with(CallOptions::new().timeout(LONG));
        echo.say(Request::new(note("", 0))).await.unwrap();
        drop(echo.repeat(Request::new(note("", 0))).await.unwrap());
        echo.join(Request::new(notes([]))).await.unwrap();
        drop(echo.chat(Request::new(notes([]))).await.unwrap());
    });
    let seen = seen.await;
    assert_eq!(seen.len(), 4);
    for timeout in seen {
        let timeout = timeout.expect("a timeout");
        assert!(timeout <= LONG && timeout > LONG / 2, "{timeout:?}");
    }
}

#[tokio::test]
async fn without_a_timeout_there_is_no_header() {
    let seen = seen_by_stock(async |echo| {
        // A clone has its options to itself.
        let _ = echo.with(CallOptions::new().timeout(LONG));
        echo.say(Request::new(note("", 0))).await.unwrap();
    });
    assert_eq!(seen.await, [None]);
}

#[tokio::test]
async fn the_earlier_of_two_timeouts_counts() {
    let seen = seen_by_stock(async |echo| {
        let asked = |timeout| {
            let mut request = Request::new(note("", 0));
            request.set_timeout(timeout);
            request
        };
        echo.say(asked(LONG)).await.unwrap();
        echo.with(CallOptions::new().timeout(LONG)).say(asked(LONG * 2)).await.unwrap();
        echo.with(CallOptions::new().timeout(LONG * 2)).say(asked(LONG)).await.unwrap();
    });
    for timeout in seen.await {
        let timeout = timeout.expect("a timeout");
        assert!(timeout <= LONG && timeout > LONG / 2, "{timeout:?}");
    }
}

/// Makes 400 calls at once, and counts how they end.
async fn ends_of_400<F>(call: impl Fn() -> F) -> BTreeMap<i32, usize>
where
    F: Future<Output = Result<Note, Status>> + Send + 'static,
{
    let calls: Vec<_> = (0..400).map(|_| tokio::spawn(call())).collect();
    let mut ends = BTreeMap::new();
    for call in calls {
        let status = call.await.unwrap().expect_err("the handler never answers");
        *ends.entry(status.code() as i32).or_default() += 1;
    }
    ends
}

/// A busy machine may not accept a call before its caller has given up. Many of these look like an
/// attack, and the connection is closed; here they are no more than they seem.
fn patient() -> traitwire::Server {
    traitwire::Server::new().max_concurrent_streams(400).max_pending_accept_reset_streams(400)
}

fn all_exceeded() -> BTreeMap<i32, usize> {
    BTreeMap::from([(Code::DeadlineExceeded as i32, 400)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_400_calls_between_ours_none_is_cancelled() {
    let server = serve_with(patient(), EchoServer::new(Parrot)).await;
    let echo = EchoClient::new(server.connect().await).with(CallOptions::new().timeout(SHORT));
    assert_eq!(ends_of_400(|| waits(echo.clone())).await, all_exceeded());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_400_calls_to_a_stock_server_none_is_cancelled() {
    let server = stock::echo_server::EchoServer::new(StockParrot);
    let server = serve_all(patient().fallback(server)).await;
    let echo = EchoClient::new(server.connect().await).with(CallOptions::new().timeout(SHORT));
    assert_eq!(ends_of_400(|| waits(echo.clone())).await, all_exceeded());
}

async fn waits(echo: EchoClient) -> Result<Note, Status> {
    echo.say(Request::new(note("wait", 0))).await.map(|answer| answer.into_inner())
}

/// The stock client has no timer here, as its transport is a bare connection: it says what the
/// server sent.
///
/// The deadline is longer than the others. The server has two timers, and tonic's is asked last: on
/// a busy machine a thread may rest between the two for all of 20 ms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_400_answers_to_a_stock_client_none_is_cancelled() {
    let server = serve(EchoServer::new(Parrot)).await;
    let echo = stock::echo_client::EchoClient::new(raw::transport(&server).await);
    let ends = ends_of_400(|| {
        let mut echo = echo.clone();
        async move {
            let mut request = Request::new(stock::Note::from(note("wait", 0)));
            request.set_timeout(SHORT * 10);
            echo.say(request).await.map(|answer| answer.into_inner().into())
        }
    });
    assert_eq!(ends.await, all_exceeded());
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_has_begun() {
    let ours = serve(EchoServer::new(Parrot)).await;
    let stock = serve_http(stock::echo_server::EchoServer::new(StockParrot)).await;
    for server in [ours, stock] {
        let echo = EchoClient::new(server.connect().await).with(CallOptions::new().timeout(SHORT));

        let status = match echo.repeat(Request::new(note("wait", 2))).await {
            Ok(answer) => end(answer.into_inner()).await,
            Err(status) => status,
        };
        assert_eq!(status.code(), Code::DeadlineExceeded);

        let (sender, questions) = Streaming::channel(1);
        let status = match echo.chat(Request::new(questions)).await {
            Ok(answer) => end(answer.into_inner()).await,
            Err(status) => status,
        };
        assert_eq!(status.code(), Code::DeadlineExceeded);
        drop(sender);
    }
}

async fn end(notes: impl traitwire::Stream<Item = Result<Note, Status>>) -> Status {
    let mut notes = pin!(notes);
    loop {
        if let Err(status) = notes.next().await.expect("the stream does not end in peace") {
            return status;
        }
    }
}

/// The server ends a stream by itself: this client has no timer.
#[tokio::test]
async fn our_server_ends_a_stream_at_its_deadline() {
    let server = serve(EchoServer::new(Parrot)).await;
    let mut echo = stock::echo_client::EchoClient::new(raw::transport(&server).await);
    let mut request = Request::new(stock::Note::from(note("wait", 0)));
    request.set_timeout(SHORT);
    let status = match echo.repeat(request).await {
        Ok(answer) => answer.into_inner().message().await.unwrap_err(),
        Err(status) => status,
    };
    assert_eq!((status.code(), status.message()), (Code::DeadlineExceeded, "deadline exceeded"));
}

/// With a clock that stands still unless everybody waits, to the millisecond.
#[tokio::test(start_paused = true)]
async fn a_deadline_comes_when_it_is_due() {
    let echo =
        EchoClient::in_process(Parrot).with(CallOptions::new().timeout(Duration::from_secs(5)));
    let start = tokio::time::Instant::now();
    let status = echo.say(Request::new(note("wait", 0))).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let taken = start.elapsed();
    assert!(taken >= Duration::from_millis(4_999) && taken <= Duration::from_millis(5_001));
}

#[tokio::test]
async fn a_call_without_time_is_not_made() {
    let server = Canned::new();
    let echo = EchoClient::new(server.clone().transport());
    let late = echo.with(CallOptions::new().timeout(Duration::ZERO));
    assert_eq!(ends(&late).await, [Code::DeadlineExceeded; 4]);
    let mut request = Request::new(note("", 0));
    request.set_timeout(Duration::ZERO);
    let status = echo.say(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(status.message(), "the deadline had passed before the call was made");
    assert!(server.asked().is_empty(), "{:?}", server.asked());
}

#[tokio::test]
async fn a_call_within_its_deadline_is_left_alone() {
    let server: Server = serve(EchoServer::new(Parrot)).await;
    let echo = EchoClient::new(server.connect().await).with(CallOptions::new().timeout(LONG));
    assert_eq!(echo.say(Request::new(note("now", 0))).await.unwrap().into_inner().text, "now");
}

mod chain {
    //! A service that tells how much time it has, and asks another one for the same.

    use super::*;

    #[traitwire::service(package = "proof.v1")]
    pub(super) trait Left {
        /// What is left of the caller's time, in milliseconds.
        async fn left(&self) -> Result<Option64, Status>;
    }

    #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
    #[describe(package = "proof.v1")]
    pub(super) struct Option64 {
        #[prost(uint64, optional, tag = "1")]
        pub(super) milliseconds: Option<u64>,
    }

    pub(super) struct Here;

    impl Left for Here {
        async fn left(&self) -> Result<Option64, Status> {
            let left = deadline::remaining().map(|left| left.as_millis().try_into().unwrap());
            Ok(Option64 { milliseconds: left })
        }
    }

    /// Passes the question on.
    pub(super) struct There(pub(super) LeftClient);

    impl Left for There {
        async fn left(&self) -> Result<Option64, Status> {
            self.0.left().await
        }
    }
}

#[tokio::test]
async fn a_handler_knows_what_is_left_and_its_own_calls_can_inherit_it() {
    use chain::{Here, Left, LeftClient, LeftServer, There};

    let here = serve(LeftServer::new(Here)).await;
    let plain = LeftClient::new(here.connect().await);
    let bounds = LONG / 2..=LONG;
    let within = |left: chain::Option64| {
        bounds.contains(&Duration::from_millis(left.milliseconds.expect("a deadline")))
    };

    assert_eq!(plain.left().await.unwrap().milliseconds, None);
    assert!(within(plain.with(CallOptions::new().timeout(LONG)).left().await.unwrap()));

    for (client, inherits) in
        [(plain.clone(), false), (plain.with(CallOptions::new().inherit_deadline()), true)]
    {
        let there = serve(LeftServer::new(There(client))).await;
        let there = LeftClient::new(there.connect().await).with(CallOptions::new().timeout(LONG));
        let left = there.left().await.unwrap();
        assert_eq!(left.milliseconds.is_some(), inherits);
        assert!(!inherits || within(left));
    }
}

#[tokio::test]
async fn a_timeout_that_no_call_can_say_is_none() {
    for timeout in [Duration::MAX, Duration::from_millis(u64::MAX), Duration::from_secs(1 << 39)] {
        let echo = EchoClient::in_process(Parrot).with(CallOptions::new().timeout(timeout));
        assert_eq!(
            echo.say(Request::new(note("late", 1))).await.unwrap().into_inner().text,
            "late"
        );
    }
}
