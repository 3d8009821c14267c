//! An interceptor that runs a call again, or answers it by itself.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use traitwire::{
    CallOptions, Code, ServiceOptions, Status,
    intercept::{Call, End, Next, from_fn},
};

use crate::contract::{METHODS, Reader, Served, call, doors};

/// Lets those pass that have the newest of all tokens.
async fn newest(tokens: Arc<AtomicUsize>, call: Call, next: Next) -> Result<End, Status> {
    let newest = tokens.load(Ordering::Relaxed).to_string();
    match call.metadata().get("x-token") {
        Some(token) if *token == newest.as_str() => next.run(call).await,
        _ => Err(Status::unauthenticated("an old token")),
    }
}

/// Sends a token, and where that was too old, once more with a newer one.
async fn renew(tokens: Arc<AtomicUsize>, mut call: Call, next: Next) -> Result<End, Status> {
    let again = call.try_clone();
    call.metadata_mut().insert("x-token", 0.into());
    match (next.run(call).await, again) {
        (Err(status), Some(mut again)) if status.code() == Code::Unauthenticated => {
            again.metadata_mut().insert("x-token", tokens.load(Ordering::Relaxed).into());
            next.run(again).await
        }
        (result, _) => result,
    }
}

#[tokio::test]
async fn a_request_of_one_message_can_be_sent_again() {
    let tokens = Arc::new(AtomicUsize::new(7));
    let served = || {
        let tokens = Arc::clone(&tokens);
        let newest = from_fn(move |call, next| newest(Arc::clone(&tokens), call, next));
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(newest) }
    };
    for (door, client, _server) in doors(served).await {
        let tokens = Arc::clone(&tokens);
        let renew = from_fn(move |call, next| renew(Arc::clone(&tokens), call, next));
        let client = client.with(CallOptions::new().intercept(renew));
        for method in ["One", "Words", "Split"] {
            let (_, texts) = call(&client, method, "to be").await.unwrap();
            assert_eq!(texts.join(" "), "to be", "{method} by {door}");
        }
        // A stream is there only once.
        for method in ["Join", "Both"] {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::Unauthenticated, "{method} by {door}");
        }
    }
}

/// What was answered cannot be answered again, whichever side tries it.
async fn twice(call: Call, next: Next) -> Result<End, Status> {
    let again = call.try_clone();
    let first = next.run(call).await?;
    match again {
        Some(again) => next.run(again).await,
        None => Ok(first),
    }
}

#[tokio::test]
async fn a_stream_that_has_begun_cannot_be_made_again() {
    let on_the_server = doors(|| Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(from_fn(twice)),
    })
    .await;
    let on_the_client =
        doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() }).await.map(
            |(door, client, server)| {
                (door, client.with(CallOptions::new().intercept(from_fn(twice))), server)
            },
        );
    for (door, client, _server) in on_the_server.into_iter().chain(on_the_client) {
        assert_eq!(call(&client, "One", "to be").await.unwrap().1, ["to be"]);
        for method in ["Words", "Split"] {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::Internal, "{method} by {door}");
            assert!(status.message().contains("has begun"), "{status}");
        }
    }
}

async fn answer(call: Call, _: Next) -> Result<End, Status> {
    call.respond(&"from a cache".to_owned())
}

#[tokio::test]
async fn an_interceptor_answers_by_itself() {
    let reader = Reader::default();
    let on_the_server = doors(|| Served {
        reader: reader.clone(),
        options: ServiceOptions::new().intercept(from_fn(answer)),
    })
    .await;
    let on_the_client = doors(|| Served { reader: reader.clone(), options: ServiceOptions::new() })
        .await
        .map(|(door, client, server)| {
            (door, client.with(CallOptions::new().intercept(from_fn(answer))), server)
        });
    for (door, client, _server) in on_the_server.into_iter().chain(on_the_client) {
        for method in METHODS {
            let (_, texts) = call(&client, method, "to be").await.unwrap();
            assert_eq!(texts, ["from a cache"], "{method} by {door}");
        }
    }
    assert_eq!(reader.0.load(Ordering::Relaxed), 0, "a handler has started");
}

#[tokio::test]
async fn an_answer_of_another_type_is_refused() {
    async fn number(call: Call, _: Next) -> Result<End, Status> {
        call.respond(&7_u64)
    }
    let served = || Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(from_fn(number)),
    };
    for (door, client, _server) in doors(served).await {
        let status = call(&client, "One", "to be").await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "by {door}");
        let why = "an interceptor answers /tests.Texts/One with google.protobuf.UInt64Value, \
                   and it is answered with google.protobuf.StringValue";
        assert_eq!(status.message(), why);
    }
}
