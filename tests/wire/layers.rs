//! What stands around a call: interceptors, routers, metadata for every call.

use std::sync::{Arc, Mutex};

use tonic::{
    GrpcMethod,
    service::{Routes, interceptor::InterceptedService},
};
use traitwire::{CallOptions, Code, Request, Status, StreamExt, service};
use traitwire_tests::{serve_http, stock::proof::v1 as stock};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Parrot, StockParrot, note, notes},
    raw::Canned,
};

/// Asks for a token, as a server would.
fn guard(request: Request<()>) -> Result<Request<()>, Status> {
    match request.metadata().get("authorization") {
        Some(token) if token == "Bearer seeds" => Ok(request),
        _ => Err(Status::unauthenticated("no seeds")),
    }
}

/// Calls all four shapes, and says how each ended.
pub(crate) async fn ends(echo: &impl Echo) -> [Code; 4] {
    fn code<T>(result: Result<T, Status>) -> Code {
        result.err().map_or(Code::Ok, |status| status.code())
    }
    [
        code(echo.say(Request::new(note("", 0))).await),
        code(echo.repeat(Request::new(note("", 0))).await),
        code(echo.join(Request::new(notes([]))).await),
        code(echo.chat(Request::new(notes([]))).await),
    ]
}

#[tokio::test]
async fn an_interceptor_stands_before_a_server() {
    let server = serve_http(InterceptedService::new(EchoServer::new(Parrot), guard)).await;
    let echo = EchoClient::new(server.connect().await);
    assert_eq!(ends(&echo).await, [Code::Unauthenticated; 4]);
    let status = echo.say(Request::new(note("", 0))).await.unwrap_err();
    assert_eq!(status.message(), "no seeds");
    let known = echo.with(CallOptions::new().metadata("authorization", "Bearer seeds"));
    assert_eq!(ends(&known).await, [Code::Ok; 4]);
}

#[tokio::test]
async fn an_interceptor_stands_before_a_client() {
    let server = serve_http(InterceptedService::new(EchoServer::new(Parrot), guard)).await;
    let channel = server.connect().await.into_tower();
    let echo =
        EchoClient::new(InterceptedService::new(channel.clone(), |mut request: Request<()>| {
            let token = "Bearer seeds".parse().expect("printable");
            request.metadata_mut().insert("authorization", token);
            Ok(request)
        }));
    assert_eq!(ends(&echo).await, [Code::Ok; 4]);

    let refusing = EchoClient::new(InterceptedService::new(channel, |_: Request<()>| {
        Err(Status::permission_denied("not from here"))
    }));
    assert_eq!(ends(&refusing).await, [Code::PermissionDenied; 4]);
}

#[tokio::test]
async fn an_interceptor_of_a_client_sees_which_method_is_called() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let echo = EchoClient::new(InterceptedService::new(EchoServer::new(Parrot), {
        let seen = seen.clone();
        move |request: Request<()>| {
            let method = request.extensions().get::<GrpcMethod<'_>>().expect("a method");
            seen.lock().unwrap().push(format!("{} {}", method.service(), method.method()));
            Ok(request)
        }
    }));
    ends(&echo).await;
    let expected =
        ["Say", "Repeat", "Join", "Chat"].map(|method| format!("proof.v1.Echo {method}"));
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// What an interceptor of a server finds out reaches the handler.
#[tokio::test]
async fn extensions_travel_from_an_interceptor_to_the_handler() {
    #[derive(Clone)]
    struct Caller(String);

    #[service(package = "proof.v1")]
    trait WhoAmI {
        async fn who_am_i(&self, nothing: Request<()>) -> Result<String, Status>;
    }

    struct Mirror;

    impl WhoAmI for Mirror {
        async fn who_am_i(&self, nothing: Request<()>) -> Result<String, Status> {
            Ok(nothing.extensions().get::<Caller>().expect("a caller").0.clone())
        }
    }

    let server = InterceptedService::new(WhoAmIServer::new(Mirror), |mut request: Request<()>| {
        request.extensions_mut().insert(Caller("parrot".to_owned()));
        Ok(request)
    });
    let server = serve_http(server).await;
    let client = WhoAmIClient::new(server.connect().await);
    assert_eq!(client.who_am_i(Request::new(())).await.unwrap(), "parrot");
}

#[service(package = "proof.v1")]
trait Counter {
    async fn count(&self, note: Note) -> Result<u32, Status>;
}

struct Letters;

impl Counter for Letters {
    async fn count(&self, note: Note) -> Result<u32, Status> {
        Ok(note.text.chars().count().try_into().expect("a short text"))
    }
}

#[tokio::test]
async fn two_services_share_a_router_and_a_channel() {
    let routes = Routes::new(EchoServer::new(Parrot)).add_service(CounterServer::new(Letters));
    let server = serve_http(routes).await;
    let channel = server.connect().await;
    assert_eq!(ends(&EchoClient::new(channel.clone())).await, [Code::Ok; 4]);
    let counter = CounterClient::new(channel.clone());
    assert_eq!(counter.count(note("größer", 0)).await.unwrap(), 6);
}

#[tokio::test]
async fn a_stock_service_and_ours_share_a_router_and_a_channel() {
    let stock = stock::echo_server::EchoServer::new(StockParrot);
    let server = serve_http(Routes::new(stock).add_service(CounterServer::new(Letters))).await;
    let channel = server.connect().await;
    assert_eq!(ends(&EchoClient::new(channel.clone())).await, [Code::Ok; 4]);
    assert_eq!(CounterClient::new(channel).count(note("four", 0)).await.unwrap(), 4);
}

#[tokio::test]
async fn a_router_takes_a_service_behind_an_interceptor() {
    let guarded = InterceptedService::new(CounterServer::new(Letters), guard);
    let server = serve_http(Routes::new(EchoServer::new(Parrot)).add_service(guarded)).await;
    let channel = server.connect().await;
    assert_eq!(ends(&EchoClient::new(channel.clone())).await, [Code::Ok; 4]);
    let counter = CounterClient::new(channel);
    let status = counter.count(note("", 0)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let known = counter.with(CallOptions::new().metadata("authorization", "Bearer seeds"));
    assert_eq!(known.count(note("four", 0)).await.unwrap(), 4);
}

#[tokio::test]
async fn metadata_of_a_client_goes_with_each_of_its_calls() {
    let plain = EchoClient::in_process(Parrot);
    let echo = plain
        .with(CallOptions::new().metadata("x-echo", "polly"))
        .with(CallOptions::new().metadata("x-other", "kept too"));
    let heard = |answer: &tonic::metadata::MetadataMap| {
        answer.get("x-echo").map(|value| value.to_str().unwrap().to_owned())
    };
    for (echo, expected) in [(&echo, Some("polly".to_owned())), (&plain, None)] {
        let said = echo.say(Request::new(note("", 0))).await.unwrap();
        assert_eq!(heard(said.metadata()), expected);
        let joined = echo.join(Request::new(notes([]))).await.unwrap();
        assert_eq!(heard(joined.metadata()), expected);
        let mut chat = echo.chat(Request::new(notes(["a"]))).await.unwrap();
        assert_eq!(heard(chat.metadata()), expected);
        assert!(chat.get_mut().next().await.is_some());
    }
}

#[tokio::test]
async fn metadata_of_one_key_goes_with_all_its_values() {
    let server = Canned::new();
    let echo = EchoClient::new(server.clone().transport());
    let echo = echo
        .with(CallOptions::new().metadata("x-key", "of the client"))
        .with(CallOptions::new().metadata("x-key", "again"));
    let mut request = Request::new(note("", 0));
    request.metadata_mut().insert("x-key", "of the call".parse().unwrap());
    let _ = echo.say(request).await;
    let values: Vec<_> = server.asked()[0].headers.get_all("x-key").into_iter().cloned().collect();
    assert_eq!(values, ["of the call", "of the client", "again"]);
}

#[tokio::test]
async fn the_origin_of_a_client_goes_with_each_of_its_calls() {
    let server = Canned::new();
    let origin = "https://parrots.example:8443".parse().unwrap();
    let echo = EchoClient::new(server.clone().transport());
    let echo = echo.with(CallOptions::new().origin(origin));
    ends(&echo.with(CallOptions::new().metadata("x-key", "value"))).await;
    let asked: Vec<_> = server.asked().iter().map(|it| it.uri.to_string()).collect();
    let expected = ["Say", "Repeat", "Join", "Chat"];
    let expected = expected.map(|it| format!("https://parrots.example:8443/proof.v1.Echo/{it}"));
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn metadata_that_is_not_valid_fails_each_call() {
    let echo = EchoClient::in_process(Parrot);
    let invalid = [
        ("Bad Key", "value"),
        ("", "value"),
        ("x-key-bin", "value"),
        ("größer", "value"),
        ("x*key", "value"),
        ("grpc-timeout", "1S"),
        ("Connection", "close"),
        ("x-key", "line\nbreak"),
        ("x-key", "\0"),
    ];
    for (key, value) in invalid {
        let echo = echo
            .with(CallOptions::new().metadata("x-valid", "value"))
            .with(CallOptions::new().metadata(key, value));
        assert_eq!(ends(&echo).await, [Code::InvalidArgument; 4], "{key:?}: {value:?}");
        // The first fault is the one that is told.
        let twice = echo.with(CallOptions::new().metadata("x-key", "\n"));
        let status = twice.say(Request::new(note("", 0))).await.unwrap_err();
        let told = if key == "x-key" { value } else { key };
        assert!(status.message().contains(&format!("{told:?}")), "{}", status.message());
    }
}

#[tokio::test]
async fn bytes_are_sent_under_a_key_that_ends_with_bin() {
    let server = Canned::new();
    let echo = EchoClient::new(server.clone().transport());
    let marked = echo
        .with(CallOptions::new().metadata_bin("x-trace-bin", &[0, 159, 255]))
        .with(CallOptions::new().metadata_bin("x-trace-bin", b""));
    ends(&marked).await;
    for call in server.asked() {
        let values: Vec<_> = call.headers.get_all("x-trace-bin").iter().collect();
        assert_eq!(values, ["AJ//", ""]);
    }

    for key in ["x-trace", "", "x*-bin", "grpc-status-details-bin"] {
        let echo = echo.with(CallOptions::new().metadata_bin(key, b"bytes"));
        let status = echo.say(Request::new(note("", 0))).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with(&format!("metadata key {key:?}")), "{status:?}");
    }
    assert_eq!(server.asked().len(), 4, "nothing else was sent");
}

/// Other bytes may travel in HTTP, but gRPC keeps to 0x20 to 0x7E.
#[tokio::test]
async fn metadata_values_are_printable_ascii() {
    let echo = EchoClient::in_process(Parrot);
    for value in ["größer", "a\tb", "\u{7f}"] {
        let ends = ends(&echo.with(CallOptions::new().metadata("x-key", value))).await;
        assert_eq!(ends, [Code::InvalidArgument; 4], "{value:?}");
    }
    assert_eq!(ends(&echo.with(CallOptions::new().metadata("x-key", " !~"))).await, [Code::Ok; 4]);
}
