//! How a call ends is heard in any case: when it is dropped, late, or panics.

use std::time::Duration;

use traitwire::{
    CallOptions, CancellationToken, Code, Request, ServiceOptions, Status, Streaming,
    intercept::{Call, End, Ended, Intercept, Next, from_fn},
};

use crate::contract::{
    Client, Journal, METHODS, Observer, Reader, Served, Texts, call, doors, observe,
};

/// A type, and a function inside of it.
fn observed(journal: &Journal) -> ServiceOptions {
    let observer = Observer { name: "type", journal: journal.clone() };
    let journal = journal.clone();
    let function = from_fn(move |call, next| observe("function", journal.clone(), call, next));
    ServiceOptions::new().intercept(observer).intercept(function)
}

/// The same for a client.
fn observed_call(journal: &Journal) -> CallOptions {
    let observer = Observer { name: "type", journal: journal.clone() };
    let journal = journal.clone();
    let function = from_fn(move |call, next| observe("function", journal.clone(), call, next));
    CallOptions::new().intercept(observer).intercept(function)
}

fn plain() -> Served {
    Served { reader: Reader::default(), options: ServiceOptions::new() }
}

/// Reads two words of an answer that goes on, and leaves.
async fn read_two_and_leave(client: &Client) {
    let client = client.with(CallOptions::new().metadata("x-word", "wait"));
    let mut words = client.words(Request::new("to be".to_owned())).await.unwrap().into_inner();
    assert_eq!(words.message().await.unwrap().as_deref(), Some("to"));
    assert_eq!(words.message().await.unwrap().as_deref(), Some("be"));
}

/// Asks for an answer that never comes, and leaves when the handler is at work.
async fn ask_and_leave(client: &Client, reader: &Reader) {
    use std::sync::atomic::Ordering::Relaxed;
    let before = reader.0.load(Relaxed);
    let started = async {
        while reader.0.load(Relaxed) == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = client.one(Request::new("wait".to_owned())) => panic!("there is no answer"),
        () = started => {}
    }
}

fn assert_ended(lines: &[String], method: &str, code: &str) {
    let line = |name: &str| format!("{name} {method} {code}");
    assert!(lines[0].starts_with(&line("function")), "{lines:?}");
    assert!(lines[1].starts_with(&line("type")), "{lines:?}");
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[tokio::test]
async fn the_server_hears_of_a_caller_who_leaves() {
    let (journal, reader) = (Journal::default(), Reader::default());
    let clients = doors(|| Served { reader: reader.clone(), options: observed(&journal) });
    for (_, client, _server) in clients.await {
        read_two_and_leave(&client).await;
        let mut lines = journal.next().await;
        while lines.len() < 4 {
            lines.extend(journal.next().await);
        }
        assert_ended(&lines[2..], "Words", "Cancelled 1/2 messages");

        ask_and_leave(&client, &reader).await;
        let mut lines = journal.next().await;
        while lines.len() < 4 {
            lines.extend(journal.next().await);
        }
        assert_ended(&lines[2..], "One", "Cancelled 1/0 messages");
    }
}

#[tokio::test]
async fn the_client_hears_of_a_call_that_is_dropped() {
    let (journal, reader) = (Journal::default(), Reader::default());
    let clients = doors(|| Served { reader: reader.clone(), options: ServiceOptions::new() });
    for (_, client, _server) in clients.await {
        let client = client.with(observed_call(&journal));
        read_two_and_leave(&client).await;
        assert_ended(&journal.take()[2..], "Words", "Cancelled 1/2 messages");
        ask_and_leave(&client, &reader).await;
        assert_ended(&journal.take()[2..], "One", "Cancelled 1/0 messages");
    }
}

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_deadline_is_heard_as_what_it_is() {
    let journal = Journal::default();
    for (_, client, _server) in
        doors(|| Served { reader: Reader::default(), options: observed(&journal) }).await
    {
        // A caller that has no deadline of its own, so that the server's is the one.
        let mut request = Request::new("wait".to_owned());
        request.metadata_mut().insert("grpc-timeout", "50m".parse().unwrap());
        let status = client.one(request).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let mut lines = journal.next().await;
        while lines.len() < 4 {
            lines.extend(journal.next().await);
        }
        assert_eq!(lines[3].split(' ').nth(2), lines[2].split(' ').nth(2), "{lines:?}");
    }
    for (_, client, _server) in doors(plain).await {
        let client = client.with(observed_call(&journal).timeout(SHORT));
        let status = client.one(Request::new("wait".to_owned())).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let lines = journal.take();
        assert_ended(&lines[2..], "One", "DeadlineExceeded 1/0 messages");
    }
}

/// An interceptor that does not come to an end is bound like a handler.
#[tokio::test]
async fn a_deadline_bounds_interceptors() {
    async fn wait(_: Call, _: Next) -> Result<End, Status> {
        std::future::pending().await
    }
    let served = || Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(from_fn(wait)),
    };
    for (door, client, _server) in doors(served).await {
        let client = client.with(CallOptions::new().timeout(SHORT));
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::DeadlineExceeded, "{method} by {door}");
        }
    }
    for (door, client, _server) in doors(plain).await {
        let client = client.with(CallOptions::new().timeout(SHORT).intercept(from_fn(wait)));
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::DeadlineExceeded, "{method} by {door}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_is_heard_of() {
    let journal = Journal::default();
    for (_, client, _server) in doors(plain).await {
        let token = CancellationToken::new();
        let client = client.with(observed_call(&journal).cancellation(token.clone()));
        let request = Request::new("wait".to_owned());
        let (result, ()) = tokio::join!(client.one(request), async { token.cancel() });
        assert_eq!(result.unwrap_err().code(), Code::Cancelled);
        assert_ended(&journal.take()[2..], "One", "Cancelled 1/0 messages");
    }
}

/// Panics at one of its moments, where the words say so.
struct Panics(&'static str);

impl Panics {
    fn at(&self, moment: &str) {
        assert_ne!(self.0, moment, "an interceptor panics, as the test wants it to");
    }
}

impl Intercept for Panics {
    fn begin(&self, call: &mut Call) -> Result<(), Status> {
        self.at("begin");
        let at = self.0;
        call.on_end(move |_| Panics(at).at("on_end"));
        Ok(())
    }

    fn end(&self, _: &Ended<'_>) {
        self.at("end");
    }
}

async fn panics_before(_: Call, _: Next) -> Result<End, Status> {
    panic!("an interceptor panics, as the test wants it to")
}

async fn panics_after(call: Call, next: Next) -> Result<End, Status> {
    let _ = next.run(call).await;
    panic!("an interceptor panics, as the test wants it to")
}

#[tokio::test]
async fn a_panic_is_the_end_of_its_call_alone() {
    let new = ServiceOptions::new;
    for options in [
        new().intercept(Panics("begin")),
        new().intercept(Panics("end")),
        new().intercept(Panics("on_end")),
        new().intercept(from_fn(panics_before)),
        new().intercept(from_fn(panics_after)),
    ] {
        let served = || Served { reader: Reader::default(), options: options.clone() };
        for (door, client, _server) in doors(served).await {
            for method in METHODS {
                let status = call(&client, method, "to be").await.unwrap_err();
                assert_eq!(status.code(), Code::Internal, "{method} by {door}");
                assert!(!status.message().contains("as the test wants"));
            }
        }
    }
}

/// A stream that the caller breaks off with an error of its own.
#[tokio::test]
async fn a_request_that_fails_is_heard_of() {
    let journal = Journal::default();
    for (door, client, _server) in doors(plain).await {
        let client = client.with(observed_call(&journal));
        let texts = [Ok("to".to_owned()), Err(Status::data_loss("no more words"))];
        let texts = Streaming::new(tokio_stream::iter(texts));
        let status = client.join(Request::new(texts)).await.unwrap_err();
        assert_eq!(status.code(), Code::DataLoss, "by {door}");
        let lines = journal.take();
        assert!(lines[2].starts_with("function Join DataLoss 1/0"), "by {door}: {lines:?}");
        assert_eq!(lines[3], "function has DataLoss", "by {door}");
    }
}
