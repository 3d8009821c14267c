//! A call that is refused goes no further.

use std::sync::atomic::Ordering;

use traitwire::{
    CallOptions, Code, ServiceOptions, Status,
    intercept::{Call, End, Intercept, Next, from_fn},
};

use crate::contract::{Journal, METHODS, Observer, Reader, Served, call, doors};

async fn refuse(_: Call, _: Next) -> Result<End, Status> {
    Err(Status::permission_denied("not you"))
}

struct Refuse;

impl Intercept for Refuse {
    fn begin(&self, _: &mut Call) -> Result<(), Status> {
        Err(Status::permission_denied("not you"))
    }
}

/// The handler never starts, and those outside see how the call ended.
async fn assert_the_server_refuses(options: impl Fn(ServiceOptions) -> ServiceOptions) {
    let (journal, reader) = (Journal::default(), Reader::default());
    let clients = doors(|| {
        let outer = Observer { name: "outer", journal: journal.clone() };
        let inner = Observer { name: "inner", journal: journal.clone() };
        let options = options(ServiceOptions::new().intercept(outer)).intercept(inner);
        Served { reader: reader.clone(), options }
    });
    for (door, client, _server) in clients.await {
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied, "{method} by {door}");
            assert_eq!(status.message(), "not you");
            let lines = journal.take();
            assert!(lines[0].starts_with("outer begins"), "{lines:?}");
            assert!(lines[1].starts_with(&format!("outer {method} PermissionDenied")), "{lines:?}");
            assert_eq!(lines.len(), 2, "{lines:?}");
        }
    }
    assert_eq!(reader.0.load(Ordering::Relaxed), 0, "a handler has started");
}

#[tokio::test]
async fn a_function_refuses_before_the_handler_starts() {
    assert_the_server_refuses(|options| options.intercept(from_fn(refuse))).await;
}

#[tokio::test]
async fn a_type_refuses_before_the_handler_starts() {
    assert_the_server_refuses(|options| options.intercept(Refuse)).await;
}

/// Nothing is sent: the server's own interceptor sees no call.
async fn assert_the_client_refuses(options: impl Fn() -> CallOptions) {
    let journal = Journal::default();
    let clients = doors(|| {
        let observer = Observer { name: "server", journal: journal.clone() };
        Served { reader: Reader::default(), options: ServiceOptions::new().intercept(observer) }
    });
    for (door, client, _server) in clients.await {
        let client = client.with(options());
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied, "{method} by {door}");
        }
    }
    assert_eq!(journal.take(), [""; 0]);
}

#[tokio::test]
async fn a_function_refuses_before_anything_is_sent() {
    assert_the_client_refuses(|| CallOptions::new().intercept(from_fn(refuse))).await;
}

#[tokio::test]
async fn a_type_refuses_before_anything_is_sent() {
    assert_the_client_refuses(|| CallOptions::new().intercept(Refuse)).await;
}

/// An interceptor may also take back what the handler has answered, as far as it has not left.
#[tokio::test]
async fn a_good_end_can_become_an_error() {
    async fn take_back(call: Call, next: Next) -> Result<End, Status> {
        let _ = next.run(call).await?;
        Err(Status::data_loss("on second thoughts"))
    }
    let clients = doors(|| Served {
        reader: Reader::default(),
        options: ServiceOptions::new().intercept(from_fn(take_back)),
    });
    for (door, client, _server) in clients.await {
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::DataLoss, "{method} by {door}");
        }
    }
    let clients = doors(|| Served { reader: Reader::default(), options: ServiceOptions::new() });
    for (door, client, _server) in clients.await {
        let client = client.with(CallOptions::new().intercept(from_fn(take_back)));
        for method in METHODS {
            let status = call(&client, method, "to be").await.unwrap_err();
            assert_eq!(status.code(), Code::DataLoss, "{method} by {door}");
        }
    }
}
