//! Calls of each shape, through functions and types, on each side, by each door.

use traitwire::{CallOptions, ServiceOptions, intercept::from_fn};

use crate::contract::{Client, Journal, METHODS, Observer, Reader, Served, call, doors, observe};

/// What is written of a good call with two words.
fn expected(method: &str) -> [String; 2] {
    // A StringValue: its key, its length, its text.
    let (shape, requests, responses) = match method {
        "One" => ("one to one", (1, 7), (1, 7)),
        "Words" | "Split" => ("one to many", (1, 7), (2, 8)),
        "Join" => ("many to one", (2, 8), (1, 7)),
        "Both" => ("many to many", (2, 8), (2, 8)),
        other => panic!("no method {other}"),
    };
    let ((sent, out), (received, back)) = (requests, responses);
    [
        format!("it begins {method} {shape}"),
        format!("it {method} Ok {sent}/{received} messages, {out}/{back} bytes"),
    ]
}

async fn assert_each_shape_is_seen(door: &str, client: &Client, journal: &Journal, rest: &[&str]) {
    for method in METHODS {
        let (_, texts) = call(client, method, "to be").await.unwrap();
        assert_eq!(texts.join(" "), "to be", "{method} by {door}");
        let mut expected = expected(method).to_vec();
        expected.extend(rest.iter().map(|&line| line.to_owned()));
        assert_eq!(journal.take(), expected, "{method} by {door}");
    }
}

#[tokio::test]
async fn a_function_on_the_server_sees_all() {
    let journal = Journal::default();
    let clients = doors(|| {
        let journal = journal.clone();
        let function = from_fn(move |call, next| observe("it", journal.clone(), call, next));
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(function) }
    });
    for (door, client, _server) in clients.await {
        assert_each_shape_is_seen(door, &client, &journal, &["it has Ok"]).await;
    }
}

#[tokio::test]
async fn a_type_on_the_server_sees_all() {
    let journal = Journal::default();
    let clients = doors(|| {
        let observer = Observer { name: "it", journal: journal.clone() };
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(observer) }
    });
    for (door, client, _server) in clients.await {
        assert_each_shape_is_seen(door, &client, &journal, &[]).await;
    }
}

#[tokio::test]
async fn a_function_on_the_client_sees_all() {
    let journal = Journal::default();
    let clients = doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() });
    for (door, client, _server) in clients.await {
        let writes = journal.clone();
        let function = from_fn(move |call, next| observe("it", writes.clone(), call, next));
        let client = client.with(CallOptions::new().intercept(function));
        assert_each_shape_is_seen(door, &client, &journal, &["it has Ok"]).await;
    }
}

#[tokio::test]
async fn a_type_on_the_client_sees_all() {
    let journal = Journal::default();
    let clients = doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() });
    for (door, client, _server) in clients.await {
        let observer = Observer { name: "it", journal: journal.clone() };
        let client = client.with(CallOptions::new().intercept(observer));
        assert_each_shape_is_seen(door, &client, &journal, &[]).await;
    }
}

/// Of an error, each sees its code, and the messages before it.
#[tokio::test]
async fn an_error_is_seen_with_what_came_before_it() {
    let journal = Journal::default();
    let clients = doors(|| {
        let observer = Observer { name: "server", journal: journal.clone() };
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(observer) }
    });
    for (door, client, _server) in clients.await {
        let observer = Observer { name: "client", journal: journal.clone() };
        let client = client.with(CallOptions::new().intercept(observer));
        for (method, ends) in [
            ("Words", "Aborted 1/1 messages, 9/4 bytes"),
            ("Split", "Aborted 1/1 messages, 9/4 bytes"),
            ("Join", "Aborted 2/0 messages, 10/0 bytes"),
            ("Both", "Aborted 2/1 messages, 10/4 bytes"),
        ] {
            let status = call(&client, method, "to fail").await.unwrap_err();
            assert_eq!(status.message(), "as asked");
            let lines = journal.take();
            for side in ["server", "client"] {
                let line = format!("{side} {method} {ends}");
                assert!(lines.contains(&line), "{line} by {door}: {lines:?}");
            }
        }
    }
}

/// More messages than go into one frame.
#[tokio::test]
async fn many_messages_are_counted() {
    let journal = Journal::default();
    let text = vec!["word"; 5_000].join(" ");
    let clients = doors(|| {
        let journal = journal.clone();
        let function = from_fn(move |call, next| observe("server", journal.clone(), call, next));
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(function) }
    });
    for (door, client, _server) in clients.await {
        let writes = journal.clone();
        let function = from_fn(move |call, next| observe("client", writes.clone(), call, next));
        let client = client.with(CallOptions::new().intercept(function));
        let (_, texts) = call(&client, "Both", &text).await.unwrap();
        assert_eq!(texts.len(), 5_000, "by {door}");
        let lines = journal.take();
        for side in ["server", "client"] {
            let line = format!("{side} Both Ok 5000/5000 messages, 30000/30000 bytes");
            assert!(lines.contains(&line), "by {door}: {lines:?}");
        }
    }
}
