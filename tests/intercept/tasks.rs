//! An interceptor may run the rest of a call in a task of its own, or give it a time of its own.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::sync::Notify;
use traitwire::{
    CallOptions, Code, Request, ServiceOptions, Status,
    intercept::{Call, End, Next, from_fn},
};

use crate::contract::{Client, METHODS, Reader, Served, Texts, call, doors};

async fn in_a_task(call: Call, next: Next) -> Result<End, Status> {
    let task = tokio::spawn(async move { next.run(call).await });
    task.await.unwrap_or_else(|error| Err(Status::internal(error.to_string())))
}

/// Polls what is inside only when that asks for it.
async fn in_a_set(call: Call, next: Next) -> Result<End, Status> {
    let mut set: FuturesUnordered<_> = [next.run(call)].into_iter().collect();
    set.next().await.expect("one is in it")
}

/// As many words as fill many frames and the window of a stream.
fn long() -> String {
    vec!["word"; 10_000].join(" ")
}

async fn assert_all_arrives(door: &str, client: &Client) {
    for method in METHODS {
        call(client, method, "to be").await.unwrap_or_else(|it| panic!("{method} {door}: {it}"));
    }
    let long = long();
    for method in ["Words", "Split", "Join", "Both"] {
        let (_, texts) = call(client, method, &long).await.unwrap();
        assert_eq!(texts.join(" "), long, "{method} by {door}");
    }
}

fn plain() -> Served {
    Served { reader: Reader::default(), options: ServiceOptions::new() }
}

#[tokio::test]
async fn on_the_server_in_a_task() {
    let options = ServiceOptions::new().intercept(from_fn(in_a_task));
    let served = || Served { reader: Reader::default(), options: options.clone() };
    for (door, client, _server) in doors(served).await {
        assert_all_arrives(door, &client).await;
    }
}

#[tokio::test]
async fn on_the_server_in_a_set() {
    let options = ServiceOptions::new().intercept(from_fn(in_a_set));
    let served = || Served { reader: Reader::default(), options: options.clone() };
    for (door, client, _server) in doors(served).await {
        assert_all_arrives(door, &client).await;
    }
}

#[tokio::test]
async fn on_the_client_in_a_task() {
    for (door, client, _server) in doors(plain).await {
        let client = client.with(CallOptions::new().intercept(from_fn(in_a_task)));
        assert_all_arrives(door, &client).await;
    }
}

#[tokio::test]
async fn on_the_client_in_a_set() {
    for (door, client, _server) in doors(plain).await {
        let client = client.with(CallOptions::new().intercept(from_fn(in_a_set)));
        assert_all_arrives(door, &client).await;
    }
}

/// Work that must not be cut off goes on when its caller has left.
#[tokio::test]
async fn a_task_outlives_its_caller() {
    let (begun, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&done));
    let finish = from_fn(move |call: Call, next: Next| {
        let (begins, ends) = (Arc::clone(&begins), Arc::clone(&ends));
        async move {
            let task = tokio::spawn(async move {
                begins.notify_one();
                tokio::time::sleep(Duration::from_millis(20)).await;
                let result = next.run(call).await;
                ends.notify_one();
                result
            });
            task.await.expect("it does not panic")
        }
    });
    let reader = Reader::default();
    let options = ServiceOptions::new().intercept(finish);
    let served = || Served { reader: reader.clone(), options: options.clone() };
    for (_, client, _server) in doors(served).await {
        let before = reader.0.load(Ordering::Relaxed);
        let answered = client.one(Request::new("to be".to_owned()));
        tokio::select! {
            biased;
            _ = answered => panic!("the caller leaves before"),
            () = begun.notified() => {}
        }
        done.notified().await;
        assert_eq!(reader.0.load(Ordering::Relaxed), before + 1);
    }
}

/// A stream in a task has nobody to send to when its caller has left, so it ends too.
#[tokio::test]
async fn a_stream_in_a_task_ends_with_its_caller() {
    let ended = Arc::new(Notify::new());
    let tells = Arc::clone(&ended);
    let in_task = from_fn(move |call: Call, next: Next| {
        let tells = Arc::clone(&tells);
        async move {
            let task = tokio::spawn(async move {
                let result = next.run(call).await;
                assert_eq!(result.as_ref().unwrap_err().code(), Code::Cancelled);
                tells.notify_one();
                result
            });
            task.await.expect("it does not panic")
        }
    });
    let options = ServiceOptions::new().intercept(in_task);
    let served = || Served { reader: Reader::default(), options: options.clone() };
    for (_, client, _server) in doors(served).await {
        let mut words = client.split(&long());
        assert!(words.message().await.unwrap().is_some());
        drop(words);
        ended.notified().await;
    }
}

/// A time of its own for what is inside.
#[tokio::test]
async fn an_interceptor_may_give_up_first() {
    async fn impatient(call: Call, next: Next) -> Result<End, Status> {
        let rest = next.run(call);
        tokio::time::timeout(Duration::from_millis(20), rest)
            .map(|timed| timed.unwrap_or_else(|_| Err(Status::unavailable("try another one"))))
            .await
    }
    let options = ServiceOptions::new().intercept(from_fn(impatient));
    let served = || Served { reader: Reader::default(), options: options.clone() };
    for (door, client, _server) in doors(served).await {
        let status = client.one(Request::new("wait".to_owned())).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "by {door}");
    }
}
