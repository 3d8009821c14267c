//! Messages are seen by those who ask for them, and one that is refused goes no further.

use std::sync::atomic::Ordering;

use traitwire::{
    CallOptions, Code, Compression, ServiceOptions, Status,
    intercept::{Call, End, Next, from_fn},
    prost::{Message, bytes::Bytes},
};

use crate::contract::{Journal, METHODS, Reader, Served, call, doors};

fn text(message: &Bytes) -> String {
    String::decode(message.clone()).unwrap()
}

/// Writes all that it sees.
async fn look(journal: Journal, mut call: Call, next: Next) -> Result<End, Status> {
    let requests = journal.clone();
    call.inspect_requests(move |message| {
        requests.write(format!("> {}", text(message)));
        Ok(())
    });
    call.inspect_responses(move |message| {
        journal.write(format!("< {}", text(message)));
        Ok(())
    });
    next.run(call).await
}

fn expected(method: &str) -> [&'static str; 4] {
    match method {
        "One" => ["> to be", "", "< to be", ""],
        "Words" | "Split" => ["> to be", "", "< to", "< be"],
        "Join" => ["> to", "> be", "< to be", ""],
        "Both" => ["> to", "> be", "< to", "< be"],
        other => panic!("no method {other}"),
    }
}

fn assert_all_was_seen(journal: &Journal, method: &str, door: &str) {
    let mut lines = journal.take();
    // In both directions at once, either may be ahead.
    lines.sort_by_key(|line| line.starts_with('<'));
    let expected = expected(method).into_iter().filter(|it| !it.is_empty());
    assert_eq!(lines, Vec::from_iter(expected), "{method} by {door}");
}

#[tokio::test]
async fn the_server_sees_each_message() {
    for compressed in [false, true] {
        let journal = Journal::default();
        let clients = doors(|| {
            let journal = journal.clone();
            let looks = from_fn(move |call, next| look(journal.clone(), call, next));
            let mut options = ServiceOptions::new().intercept(looks);
            if compressed {
                options =
                    options.accept_compressed(Compression::Gzip).send_compressed(Compression::Gzip);
            }
            Served { reader: Reader::default(), options }
        });
        for (door, client, _server) in clients.await {
            let client = client.with(compressing(compressed));
            for method in METHODS {
                call(&client, method, "to be").await.unwrap();
                assert_all_was_seen(&journal, method, door);
            }
        }
    }
}

fn compressing(compressed: bool) -> CallOptions {
    match compressed {
        true => CallOptions::new()
            .send_compressed(Compression::Gzip)
            .accept_compressed(Compression::Gzip),
        false => CallOptions::new(),
    }
}

#[tokio::test]
async fn the_client_sees_each_message() {
    for compressed in [false, true] {
        let journal = Journal::default();
        let clients = doors(|| {
            let options = ServiceOptions::new()
                .accept_compressed(Compression::Gzip)
                .send_compressed(Compression::Gzip);
            Served { reader: Reader::default(), options }
        });
        for (door, client, _server) in clients.await {
            let looked = journal.clone();
            let looks = from_fn(move |call, next| look(looked.clone(), call, next));
            let client = client.with(compressing(compressed).intercept(looks));
            for method in METHODS {
                call(&client, method, "to be").await.unwrap();
                assert_all_was_seen(&journal, method, door);
            }
        }
    }
}

/// Refuses the word `bad` in requests.
async fn no_bad_requests(mut call: Call, next: Next) -> Result<End, Status> {
    call.inspect_requests(|message| match text(message).contains("bad") {
        true => Err(Status::invalid_argument("no such words")),
        false => Ok(()),
    });
    next.run(call).await
}

/// The same in answers.
async fn no_bad_responses(mut call: Call, next: Next) -> Result<End, Status> {
    call.inspect_responses(|message| match text(message).contains("bad") {
        true => Err(Status::invalid_argument("no such words")),
        false => Ok(()),
    });
    next.run(call).await
}

/// Also where the handler thinks nothing of it: that of `Join` takes an error for the end.
#[tokio::test]
async fn a_request_that_is_refused_ends_the_call_on_the_server() {
    let reader = Reader::default();
    let clients = doors(|| Served {
        reader: reader.clone(),
        options: ServiceOptions::new().intercept(from_fn(no_bad_requests)),
    });
    for (door, client, _server) in clients.await {
        for method in METHODS {
            let before = reader.0.load(Ordering::Relaxed);
            let status = call(&client, method, "a bad word").await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{method} by {door}: {status}");
            let started = reader.0.load(Ordering::Relaxed) - before;
            let streams = matches!(method, "Join" | "Both");
            assert_eq!(started, usize::from(streams), "{method} by {door}");
            call(&client, method, "a good word").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_request_that_is_refused_ends_the_call_on_the_client() {
    let clients = doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() });
    for (door, client, _server) in clients.await {
        let client = client.with(CallOptions::new().intercept(from_fn(no_bad_requests)));
        for method in METHODS {
            let status = call(&client, method, "a bad word").await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{method} by {door}: {status}");
            call(&client, method, "a good word").await.unwrap();
        }
    }
}

/// The messages before it arrive.
#[tokio::test]
async fn an_answer_that_is_refused_ends_the_call() {
    let refuse = || from_fn(no_bad_responses);
    let on_the_server = doors(|| Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(refuse()),
    })
    .await;
    let on_the_client =
        doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() }).await.map(
            |(door, client, server)| {
                (door, client.with(CallOptions::new().intercept(refuse())), server)
            },
        );
    for (door, client, _server) in on_the_server.into_iter().chain(on_the_client) {
        for method in METHODS {
            let status = call(&client, method, "a bad word").await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{method} by {door}: {status}");
            call(&client, method, "a good word").await.unwrap();
        }
        use crate::contract::Texts;
        let mut texts = client.split("a bad word");
        assert_eq!(texts.message().await.unwrap().as_deref(), Some("a"), "by {door}");
        assert_eq!(texts.message().await.unwrap_err().code(), Code::InvalidArgument);
    }
}
