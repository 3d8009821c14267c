//! The channel below clients that tonic generated.

use tonic::service::interceptor::InterceptedService;
use traitwire::{Channel, Code, Request, Status, Streaming};
use traitwire_tests::{
    serve, serve_http,
    stock::proof::v1::{Note, echo_client::EchoClient},
};

use crate::{
    contract::{self, EchoServer, Parrot},
    peer::{Port, Site},
};

fn note(text: &str) -> Note {
    Note { text: text.to_owned(), count: 2, payload: Vec::new() }
}

fn notes() -> impl tokio_stream::Stream<Item = Note> + Send + 'static {
    tokio_stream::iter(["one", "two", "three"].map(note))
}

/// Calls all four shapes; how each ended.
macro_rules! ends {
    ($client:expr) => {{
        let mut client = $client;
        let code = |result: Result<(), Status>| result.err().map_or(Code::Ok, |it| it.code());
        [
            code(client.say(note("hello")).await.map(drop)),
            code(client.repeat(note("hello")).await.map(drop)),
            code(client.join(notes()).await.map(drop)),
            code(client.chat(notes()).await.map(drop)),
        ]
    }};
}

async fn texts(mut notes: tonic::Streaming<Note>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(note) = notes.message().await.unwrap() {
        texts.push(note.text);
    }
    texts
}

#[tokio::test]
async fn a_stock_client_calls_all_four_shapes() {
    let server = serve(EchoServer::new(Parrot)).await;
    let mut client = EchoClient::new(server.connect().await.into_tower());
    assert_eq!(client.say(note("hello")).await.unwrap().into_inner(), note("hello"));
    let answers = client.repeat(note("hello")).await.unwrap().into_inner();
    assert_eq!(texts(answers).await, ["hello", "hello"]);
    let joined = client.join(notes()).await.unwrap().into_inner();
    assert_eq!((&*joined.text, joined.count), ("one two three", 3));
    let answers = client.chat(notes()).await.unwrap().into_inner();
    assert_eq!(texts(answers).await, ["one", "two", "three"]);
}

fn guard(request: Request<()>) -> Result<Request<()>, Status> {
    match request.metadata().get("authorization") {
        Some(token) if token == "Bearer seeds" => Ok(request),
        _ => Err(Status::unauthenticated("no seeds")),
    }
}

#[tokio::test]
async fn a_stock_client_calls_through_an_interceptor() {
    let server = serve_http(InterceptedService::new(EchoServer::new(Parrot), guard)).await;
    let channel = server.connect().await.into_tower();
    assert_eq!(ends!(EchoClient::new(channel.clone())), [Code::Unauthenticated; 4]);
    let known = InterceptedService::new(channel, |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", "Bearer seeds".parse().unwrap());
        Ok(request)
    });
    assert_eq!(ends!(EchoClient::new(known)), [Code::Ok; 4]);
}

#[tokio::test]
async fn a_stock_client_hears_why_there_is_no_connection() {
    let port = Port::new();
    let channel = Channel::builder(port.addr.to_string()).connect_lazy().unwrap().into_tower();
    let mut client = EchoClient::new(channel);
    let status = client.say(note("hello")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status.message().contains("connection refused by"), "{status:?}");
    assert_eq!(ends!(client), [Code::Unavailable; 4]);
}

#[tokio::test]
async fn a_call_of_a_stock_client_that_was_refused_is_sent_once_more() {
    let site = Site::new().await;
    let channel = Channel::builder(site.uri()).connect_lazy().unwrap().into_tower();
    let mut client = EchoClient::new(channel);
    let call = tokio::spawn(async move { client.chat(notes()).await.map(|it| it.into_inner()) });
    let mut peer = site.open(&[]).await;
    let first = peer.refuse().await;
    assert_eq!(peer.answer().await, first);
    assert_eq!(texts(call.await.unwrap().unwrap()).await, ["one", "two", "three"]);
}

/// Both kinds of clients over one connection.
#[tokio::test]
async fn a_channel_is_shared_with_a_stock_client() {
    use contract::Echo;

    let site = Site::new().await;
    let channel = Channel::builder(site.uri()).connect_lazy().unwrap();
    let ours = contract::EchoClient::new(channel.clone());
    let mut stock = EchoClient::new(channel.into_tower());
    let serving = tokio::spawn(async move { site.open(&[]).await.serve().await });
    ours.say(contract::note("hello")).await.unwrap();
    stock.say(note("hello")).await.unwrap();
    let notes: Streaming<_> = ["one"].map(contract::note).into_iter().collect();
    ours.join(notes).await.unwrap();
    drop((ours, stock));
    assert_eq!(serving.await.unwrap(), 3);
}

/// h2 itself refuses another value than `trailers`, and the connection that it came by is no worse for it.
#[tokio::test]
async fn a_field_that_http_2_forbids_does_not_end_the_connection() {
    let server = serve(EchoServer::new(Parrot)).await;
    let channel = server.connect().await;
    let mut client =
        EchoClient::with_interceptor(channel.clone().into_tower(), |mut request: Request<()>| {
            request.metadata_mut().insert("te", "gzip".parse().unwrap());
            Ok(request)
        });
    assert_eq!(client.say(note("hello")).await.unwrap().into_inner(), note("hello"));
    let echo = contract::EchoClient::new(channel);
    assert_eq!(contract::Echo::say(&echo, contract::note("hello")).await.unwrap().text, "hello");
}

/// A body of HTTP that ends in one of two ways after its first bytes.
struct Broken {
    panics: bool,
    is_begun: bool,
}

impl http_body::Body for Broken {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(if !std::mem::replace(&mut self.is_begun, true) {
            Ok(http_body::Frame::data(bytes::Bytes::from_static(&[0; 5])))
        } else if self.panics {
            panic!("as the caller asked for");
        } else {
            Err(std::io::Error::other("the disk is gone"))
        }))
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_says_why() {
    let server = serve(EchoServer::new(Parrot)).await;
    let channel = server.connect().await.into_tower();
    for (panics, code, said) in [
        (true, Code::Internal, "the body of the request panicked"),
        (false, Code::Unavailable, "the disk is gone"),
    ] {
        let mut request = http::Request::post("/proof.v1.Echo/Join").body(()).unwrap();
        let grpc = http::HeaderValue::from_static("application/grpc");
        request.headers_mut().insert("content-type", grpc);
        let request = request.map(|()| Broken { panics, is_begun: false });
        let status = tower::ServiceExt::oneshot(channel.clone(), request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (code, said));
    }
}
