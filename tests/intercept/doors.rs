//! Where else a call may come by: layers, mounted services, methods that nobody knows.

use http::Request as HttpRequest;
use traitwire::{
    CallOptions, HttpService, Incoming, MethodPath, RawClient, RawMessage, Request, Response,
    Server, ServiceOptions, Status, Streaming,
    intercept::{Call, End, Next, from_fn},
    prost::Message,
    unknown_methods,
};
use traitwire_tests::serve_all;

use crate::contract::{
    Journal, METHODS, Observer, Reader, TextsClient, TextsServer, call, observe,
};

fn shared<T: Send + Sync + 'static>() {}
fn sent<T: Send>(it: T) -> T {
    it
}

#[tokio::test]
async fn calls_go_where_tasks_go() {
    shared::<Call>();
    shared::<Next>();
    let passes = from_fn(async |call: Call, next: Next| sent(next.run(call)).await);
    let client = TextsClient::in_process(Reader::default()).boxed();
    let client = client.with(CallOptions::new().intercept(passes));
    sent(call(&client, "Both", "to be")).await.unwrap();
}

/// A tower layer that forgets all that was put beside a request.
#[derive(Clone)]
struct Forgetful(HttpService);

impl tower_service::Service<HttpRequest<Incoming>> for Forgetful {
    type Response = <HttpService as tower_service::Service<HttpRequest<Incoming>>>::Response;
    type Error = std::convert::Infallible;
    type Future = <HttpService as tower_service::Service<HttpRequest<Incoming>>>::Future;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: HttpRequest<Incoming>) -> Self::Future {
        request.extensions_mut().clear();
        self.0.call(request)
    }
}

#[tokio::test]
async fn no_layer_leads_past_them() {
    let journal = Journal::default();
    let options =
        ServiceOptions::new().intercept(Observer { name: "inner", journal: journal.clone() });
    let server = Server::new()
        .add(TextsServer::new(Reader::default()).with(options))
        .intercept(Observer { name: "outer", journal: journal.clone() })
        .layer(tower::layer::layer_fn(Forgetful));
    let server = serve_all(server).await;
    let client = TextsClient::new(server.connect().await).boxed();
    for method in METHODS {
        call(&client, method, "to be").await.unwrap();
        let lines = journal.take();
        assert!(lines[0].starts_with("outer begins"), "{lines:?}");
        assert!(lines[1].starts_with("inner begins"), "{lines:?}");
        assert_eq!(lines.len(), 4, "{lines:?}");
    }
}

/// Who mounts a service of tonic's is told, before anybody takes it for guarded.
#[tokio::test]
async fn a_mounted_service_is_not_passed_by_in_silence() {
    let journal = Journal::default();
    let server = Server::new()
        .intercept(Observer { name: "it", journal: journal.clone() })
        .mount(TextsServer::new(Reader::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = server.serve(listener, std::future::pending()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the service tests.Texts is mounted, so that its calls would pass the interceptors of the server by: \
         add these to the other services instead, by ServiceOptions::intercept"
    );
}

async fn seen(journal: Journal, call: Call, next: Next) -> Result<End, Status> {
    let (method, service) = (call.method().name, call.service().full_name());
    let peer = call.peer().and_then(|peer| peer.addr()).map(|it| it.ip());
    journal.write(format!("{} {method:?} {service:?} {peer:?}", call.path()));
    next.run(call).await
}

#[tokio::test]
async fn a_method_that_nobody_knows_has_its_path() {
    let journal = Journal::default();
    let writes = journal.clone();
    let sees = from_fn(move |call, next| seen(writes.clone(), call, next));
    let echo = unknown_methods(async |request| {
        let path = request.extensions().get::<MethodPath>().cloned();
        assert_eq!(path, Some(MethodPath("/a.B/C".to_owned())));
        Ok(Response::new(request.into_inner()))
    });
    let server = Server::new().fallback(echo.with(ServiceOptions::new().intercept(sees)));
    let server = serve_all(server).await;

    let writes = journal.clone();
    let sees = from_fn(move |call, next| seen(writes.clone(), call, next));
    let client = RawClient::new(server.connect().await);
    let client = client.with(CallOptions::new().intercept(sees));
    let message = RawMessage("to be".to_owned().encode_to_vec().into());
    let messages: Streaming<RawMessage> = [message.clone(), message.clone()].into_iter().collect();
    let mut answer = client.call("/a.B/C", Request::new(messages)).await.unwrap().into_inner();
    assert_eq!(answer.message().await.unwrap(), Some(message.clone()));
    assert_eq!(answer.message().await.unwrap(), Some(message));
    assert_eq!(answer.message().await.unwrap(), None);
    let ip = "Some(127.0.0.1)";
    assert_eq!(journal.take(), [r#"/a.B/C "" "" None"#, &format!(r#"/a.B/C "" "" {ip}"#)]);
}

/// The peer is known where there is one: over a socket, with layers or without.
#[tokio::test]
async fn the_peer_is_known() {
    let journal = Journal::default();
    for with_layer in [false, true] {
        let writes = journal.clone();
        let sees = from_fn(move |call, next| seen(writes.clone(), call, next));
        let mut server = Server::new().intercept(sees).add(TextsServer::new(Reader::default()));
        if with_layer {
            server = server.layer(tower::layer::layer_fn(|inner: HttpService| inner));
        }
        let server = serve_all(server).await;
        let client = TextsClient::new(server.connect().await).boxed();
        call(&client, "One", "to be").await.unwrap();
        assert_eq!(journal.take(), [r#"/tests.Texts/One "One" "tests.Texts" Some(127.0.0.1)"#]);
    }
}

/// A call on the client that makes another call inside: each is counted for itself.
#[tokio::test]
async fn a_handler_may_call_another_service() {
    let journal = Journal::default();
    let writes = journal.clone();
    let inner =
        TextsServer::new(Reader::default())
            .with(ServiceOptions::new().intercept(from_fn(move |call, next| {
                observe("inner", writes.clone(), call, next)
            })));
    let inner = TextsClient::new(inner).boxed();
    let writes = journal.clone();
    let outer = ServiceOptions::new().intercept(from_fn(move |before: Call, next: Next| {
        let (inner, journal) = (inner.clone(), writes.clone());
        async move {
            call(&inner, "Words", "one two three").await?;
            observe("outer", journal, before, next).await
        }
    }));
    let client = TextsClient::new(TextsServer::new(Reader::default()).with(outer)).boxed();
    call(&client, "Both", "to be").await.unwrap();
    let lines = journal.take();
    assert!(lines[1].starts_with("inner Words Ok 1/3 messages"), "{lines:?}");
    assert!(lines[4].starts_with("outer Both Ok 2/2 messages"), "{lines:?}");
}
