//! What a server serves, and what stands around it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, http::StatusCode, routing::get};
use tokio::net::TcpListener;
use tower::{Layer, Service as TowerService, layer::layer_fn, util::MapRequestLayer};
use traitwire::{
    Code, HttpService, Incoming, Peer, Request, Server, ServerBody, Status, Stream, StreamExt,
    service,
};
use traitwire_tests::{serve_all, stock::proof::v1 as stock};

use crate::{
    caller::{Caller, settle},
    contract::{Calls, CallsClient, Service},
    shapes::{Handlers, Shapes, ShapesClient},
};

/// Tells what a layer has seen.
#[service(package = "proof.v1")]
trait Mirrors {
    /// What the layers have said, one after the other.
    async fn seen(&self, request: Request<()>) -> Result<String, Status>;

    /// Who calls.
    async fn peer(&self, request: Request<()>) -> Result<String, Status>;
}

struct Mirror;

impl Mirrors for Mirror {
    async fn seen(&self, request: Request<()>) -> Result<String, Status> {
        let seen = request.metadata().get_all("x-seen").iter();
        let seen: Vec<_> = seen.map(|it| it.to_str().expect("text")).collect();
        Ok(seen.join(" "))
    }

    async fn peer(&self, request: Request<()>) -> Result<String, Status> {
        Ok(Peer::of(&request).map(|peer| peer.to_string()).unwrap_or_default())
    }
}

/// What each layer adds to a request.
fn says(what: &'static str) -> impl Layer<HttpService, Service = impl Around> + Send + 'static {
    MapRequestLayer::new(move |mut request: http::Request<Incoming>| {
        request.headers_mut().append("x-seen", http::HeaderValue::from_static(what));
        request
    })
}

/// What a layer makes of a server.
trait Around:
    TowerService<
        http::Request<Incoming>,
        Response = http::Response<ServerBody>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Around for S where
    S: TowerService<
            http::Request<Incoming>,
            Response = http::Response<ServerBody>,
            Error = Infallible,
            Future: Send,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

#[tokio::test]
async fn two_services_are_reached_on_one_port() {
    let server = Server::new().add(Service::new().0).add(Handlers::new().0);
    let server = serve_all(server.add(MirrorsServer::new(Mirror))).await;
    let channel = server.connect().await;
    let said = CallsClient::new(channel.clone()).say("hello".to_owned()).await;
    assert_eq!(said.unwrap(), "hello");
    let mut numbers = ShapesClient::new(channel.clone()).answers();
    assert_eq!(numbers.message().await.unwrap(), Some(0));
    let seen = MirrorsClient::new(channel).seen(Request::new(())).await;
    assert_eq!(seen.unwrap(), "");
}

/// What a server says instead of serving.
async fn refused(server: Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    server.serve(listener, std::future::pending()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_service_that_is_there_twice_is_an_error_that_names_it() {
    let twice = Server::new().add(Service::new().0).add(Service::new().0);
    assert_eq!(refused(twice).await, "the service proof.v1.Calls was added twice");

    let mounted = Server::new().add(Service::new().0).mount(Service::new().0);
    assert_eq!(refused(mounted).await, "the service proof.v1.Calls was added twice");

    let first = Server::new().mount(Handlers::new().0).add(Handlers::new().0);
    let first = first.add(Service::new().0).add(Service::new().0);
    assert_eq!(refused(first).await, "the service proof.v1.Shapes was added twice");
}

/// A server of stock tonic.
struct Parrot;

#[tonic::async_trait]
impl stock::echo_server::Echo for Parrot {
    type RepeatStream = Notes;
    type ChatStream = Notes;

    async fn say(&self, note: Request<stock::Note>) -> Result<Answer<stock::Note>, Status> {
        Ok(Answer::new(note.into_inner()))
    }

    async fn repeat(&self, note: Request<stock::Note>) -> Result<Answer<Notes>, Status> {
        let note = note.into_inner();
        let notes = vec![Ok(note.clone()); note.count as usize];
        Ok(Answer::new(Box::pin(tokio_stream::iter(notes))))
    }

    async fn join(&self, _: Request<NotesIn>) -> Result<Answer<stock::Note>, Status> {
        Err(Status::aborted("not today"))
    }

    async fn chat(&self, notes: Request<NotesIn>) -> Result<Answer<Notes>, Status> {
        Ok(Answer::new(Box::pin(notes.into_inner())))
    }
}

type Answer<T> = tonic::Response<T>;
type Notes = Pin<Box<dyn Stream<Item = Result<stock::Note, Status>> + Send>>;
type NotesIn = tonic::Streaming<stock::Note>;

#[tokio::test]
async fn a_service_of_stock_tonic_is_mounted_beside_ours() {
    let parrot = || stock::echo_server::EchoServer::new(Parrot);
    for server in [Server::new(), Server::new().layer(says("all"))] {
        let server = serve_all(server.mount(parrot()).add(Service::new().0)).await;
        assert_eq!(say(server.addr).await, "hello");

        let mut client = stock::echo_client::EchoClient::new(server.channel().await);
        let note = |text: &str| stock::Note { text: text.to_owned(), count: 2, ..<_>::default() };
        assert_eq!(client.say(note("hi")).await.unwrap().into_inner().text, "hi");
        let notes: Vec<_> = client.repeat(note("hi")).await.unwrap().into_inner().collect().await;
        assert_eq!(notes.len(), 2);
        let status = client.join(tokio_stream::iter([note("hi")])).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Aborted, "not today"));
        let notes = client.chat(tokio_stream::iter([note("a"), note("b")])).await.unwrap();
        let notes: Vec<_> = notes.into_inner().map(|it| it.unwrap().text).collect().await;
        assert_eq!(notes, ["a", "b"]);
    }
}

async fn say(addr: std::net::SocketAddr) -> String {
    let client = CallsClient::connect(format!("http://{addr}")).await.unwrap();
    client.say("hello".to_owned()).await.unwrap()
}

/// How a call ends of which no more is known than its path.
async fn called(addr: std::net::SocketAddr, path: &str) -> (Code, String) {
    Caller::connect(addr).await.call(path, &[], &[]).await.end().await
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    for server in [Server::new(), Server::new().layer(says("all"))] {
        let server = serve_all(server.add(Service::new().0).add(MirrorsServer::new(Mirror))).await;
        let unimplemented = |why: &str| (Code::Unimplemented, why.to_owned());
        let end = called(server.addr, "/proof.v1.Calls/Peer").await;
        assert_eq!(end, unimplemented("unknown method Peer of service proof.v1.Calls"));
        let end = called(server.addr, "/proof.v1.Nothing/Peer").await;
        assert_eq!(end, unimplemented("unknown service proof.v1.Nothing"));
    }
}

#[tokio::test]
async fn a_router_gets_what_no_service_is_there_for() {
    let router = || {
        let healthy = Router::new().route("/healthz", get(|| async { "well" }));
        healthy.fallback(|uri: http::Uri| async move { format!("nothing at {uri}") })
    };
    for server in [Server::new(), Server::new().layer(says("all"))] {
        let server = serve_all(server.fallback(router()).add(Service::new().0)).await;
        let caller = Caller::connect(server.addr).await;
        assert_eq!(caller.get("/healthz").await.into_body(), b"well");
        let other = caller.get("/proof.v1.Mirrors/Seen").await;
        assert_eq!(other.into_body(), b"nothing at http://test/proof.v1.Mirrors/Seen");

        assert_eq!(say(server.addr).await, "hello");
        // A service that is there answers for its own name.
        let end = called(server.addr, "/proof.v1.Calls/Missing").await;
        let why = "unknown method Missing of service proof.v1.Calls".to_owned();
        assert_eq!(end, (Code::Unimplemented, why));
    }
}

/// A caller that does not speak gRPC would take a gRPC status for success.
#[tokio::test(start_paused = true)]
async fn a_page_that_fails_is_an_error_of_http() {
    let half = || async {
        let start = tokio_stream::once(Ok::<_, Infallible>("half"));
        Body::from_stream(start.chain(tokio_stream::pending()))
    };
    let panics = || async {
        let panics: fn() -> &'static str = || panic!("as asked");
        panics()
    };
    let router = || {
        let router = Router::new().route("/slow", get(std::future::pending::<&str>));
        router.route("/half", get(half)).route("/panics", get(panics))
    };
    for layered in [false, true] {
        let server = Server::new().default_timeout(Duration::from_secs(7)).fallback(router());
        let server = if layered { server.layer(says("all")) } else { server };
        let server = serve_all(server).await;
        let caller = Caller::connect(server.addr).await;
        let slow = caller.get("/slow").await;
        assert_eq!(
            (slow.status(), &slow.body()[..]),
            (StatusCode::GATEWAY_TIMEOUT, &b"deadline exceeded\n"[..])
        );
        assert_eq!(caller.get("/panics").await.status(), StatusCode::INTERNAL_SERVER_ERROR);

        let socket = tokio::net::TcpStream::connect(server.addr).await.unwrap();
        let (mut requests, connection) = h2::client::handshake(socket).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::get("http://test/half").body(()).unwrap();
        let (answer, _) = requests.send_request(request, true).unwrap();
        let mut body = answer.await.unwrap().into_body();
        assert_eq!(body.data().await.unwrap().unwrap(), "half");
        let broken = body.data().await.expect("it is no end").unwrap_err();
        assert_eq!(broken.reason(), Some(h2::Reason::INTERNAL_ERROR));
    }
}

#[tokio::test]
async fn layers_are_around_all_that_is_added_and_the_last_is_the_outermost() {
    let server = Server::new()
        .layer(says("first"))
        .add(MirrorsServer::new(Mirror))
        .layer(says("second"))
        .layer(says("third"));
    let server = serve_all(server).await;
    let mirror = MirrorsClient::new(server.connect().await);
    assert_eq!(mirror.seen(Request::new(())).await.unwrap(), "third second first");
}

/// Says by the path whether to answer for what is within, and with which text, or to fail.
#[derive(Clone)]
struct Guard<V> {
    inner: HttpService,
    verdict: V,
}

type Verdict<E> = Result<Option<&'static str>, E>;

impl<V: Fn(&str) -> Verdict<E>, E: Send + 'static> TowerService<http::Request<Incoming>>
    for Guard<V>
{
    type Response = http::Response<ServerBody>;
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<ServerBody>, E>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        let verdict = (self.verdict)(request.uri().path());
        let answer = self.inner.call(request);
        Box::pin(async move {
            Ok(match verdict? {
                Some(text) => {
                    http::Response::new(bytes::Bytes::from_static(text.as_bytes()).into())
                }
                None => answer.await.unwrap_or_else(|it| match it {}),
            })
        })
    }
}

fn guard<V: Fn(&str) -> Verdict<E> + Clone, E>(
    verdict: V,
) -> impl Layer<HttpService, Service = Guard<V>> + Clone {
    layer_fn(move |inner| Guard { inner, verdict: verdict.clone() })
}

#[tokio::test]
async fn a_layer_may_answer_itself() {
    let answers = guard(|path| Ok::<_, Infallible>((path == "/healthz").then_some("well")));
    let server = serve_all(Server::new().add(Service::new().0).layer(answers)).await;
    let answer = Caller::connect(server.addr).await.get("/healthz").await;
    assert_eq!((answer.status().as_u16(), answer.into_body()), (200, b"well".to_vec()));
    assert_eq!(say(server.addr).await, "hello");
}

#[tokio::test]
async fn a_layer_may_fail_with_a_status() {
    let fails = guard(|path| match path {
        "/proof.v1.Calls/Hold" => Err(Status::permission_denied("not that one")),
        _ => Ok(None),
    });
    for server in [Server::new().layer(fails.clone()), Server::new().layer(fails).layer(says("it"))]
    {
        let server = serve_all(server.add(Service::new().0)).await;
        let client = CallsClient::new(server.connect().await);
        let status = client.hold().message().await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "not that one"));
        assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn another_error_of_a_layer_is_unknown() {
    let fails = guard(|_| Err(std::io::Error::other("no disk")));
    let server = serve_all(Server::new().add(Service::new().0).layer(fails)).await;
    let end = called(server.addr, "/proof.v1.Calls/Say").await;
    assert_eq!(end, (Code::Unknown, "no disk".to_owned()));
}

#[tokio::test]
async fn a_layer_that_panics_costs_its_call_alone() {
    let panics = guard(|path| match path {
        "/proof.v1.Calls/Hold" => panic!("it is a test"),
        _ => Ok::<_, Infallible>(None),
    });
    let server = serve_all(Server::new().add(Service::new().0).layer(panics)).await;
    let client = CallsClient::new(server.connect().await);
    assert_eq!(client.hold().message().await.unwrap_err().code(), Code::Internal);
    assert_eq!(client.say("hello".to_owned()).await.unwrap(), "hello");
}

/// `Continue` and its kin stand before an answer, and are none.
#[tokio::test]
async fn an_informational_status_is_no_answer() {
    for code in [100, 101, 102, 103, 199] {
        let early = || {
            tower::service_fn(move |_: http::Request<Incoming>| async move {
                let answer = http::Response::builder().status(code);
                answer.body(Body::from("more to come"))
            })
        };
        for server in [Server::new(), Server::new().layer(says("all"))] {
            let server = serve_all(server.add(Service::new().0).fallback(early())).await;
            let caller = Caller::connect(server.addr).await;
            let why = "the service answered with an informational status";
            let page = caller.get("/page").await;
            assert_eq!(page.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(page.into_body(), format!("{why}\n").into_bytes());
            let end = caller.call("/some.Service/Method", &[], &[]).await.end().await;
            assert_eq!(end, (Code::Internal, why.to_owned()));
            let end = caller.call("/proof.v1.Calls/Say", &[], &[]).await.end().await;
            assert_eq!(end.0, Code::Ok, "the connection lives");
        }
    }
}

/// Where a tower service, its future or its answer panics.
#[derive(Clone, Copy, PartialEq)]
enum Panics {
    InClone,
    InReady,
    InCall,
    WhenDropped,
    AtTheEnd,
    InItsBody,
    WhenItsBodyIsDropped,
}

struct Panicking(Panics);

impl Panicking {
    fn panics(&self, at: Panics) {
        assert!(self.0 != at, "the service panics, as the test wants it to");
    }
}

impl Clone for Panicking {
    fn clone(&self) -> Self {
        self.panics(Panics::InClone);
        Self(self.0)
    }
}

impl TowerService<http::Request<Incoming>> for Panicking {
    type Response = http::Response<PanickingBody>;
    type Error = Infallible;
    type Future = PanickingFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.panics(Panics::InReady);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Incoming>) -> PanickingFuture {
        self.panics(Panics::InCall);
        PanickingFuture(Self(self.0))
    }
}

struct PanickingFuture(Panicking);

impl Future for PanickingFuture {
    type Output = Result<http::Response<PanickingBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.0 {
            Panics::WhenDropped => Poll::Pending,
            panics => Poll::Ready(Ok(http::Response::new(PanickingBody(Panicking(panics))))),
        }
    }
}

impl Drop for PanickingFuture {
    fn drop(&mut self) {
        self.0.panics(Panics::WhenDropped);
        self.0.panics(Panics::AtTheEnd);
    }
}

/// A body without an end, or empty.
struct PanickingBody(Panicking);

impl http_body::Body for PanickingBody {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Infallible>>> {
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.0.panics(Panics::InItsBody);
        false
    }
}

impl Drop for PanickingBody {
    fn drop(&mut self) {
        self.0.panics(Panics::WhenItsBodyIsDropped);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_tower_service_costs_its_call_alone() {
    for (panics, code) in [
        (Panics::InClone, Code::Internal),
        (Panics::InReady, Code::Internal),
        (Panics::InCall, Code::Internal),
        (Panics::AtTheEnd, Code::Internal),
        (Panics::InItsBody, Code::Internal),
        (Panics::WhenDropped, Code::DeadlineExceeded),
        (Panics::WhenItsBodyIsDropped, Code::DeadlineExceeded),
    ] {
        let (service, test) = Service::new();
        for server in [Server::new(), Server::new().layer(says("all"))] {
            let server = server.add(service.clone()).fallback(Panicking(panics));
            let server = serve_all(server).await;
            let caller = Caller::connect(server.addr).await;
            let other = caller.call("/proof.v1.Calls/Wait", &[], &[]).await.answered().await;
            let timeout = [("grpc-timeout", "1S")];
            let call = caller.call("/some.Service/Method", &timeout, &[]).await;
            assert_eq!(call.end().await.0, code);
            // The caller leaves, and the future or the body is dropped.
            let mut left = caller.begin("/some.Service/Method", &[]).await;
            left.request.send_reset(h2::Reason::CANCEL);
            settle().await;
            test.permits.add_permits(1);
            assert_eq!(other.end().await.0, Code::Ok);
        }
    }
}

#[tokio::test]
async fn who_calls_is_known_behind_layers_and_in_them() {
    let seen = Arc::new(Mutex::new(String::new()));
    let by_layer = seen.clone();
    let looks = MapRequestLayer::new(move |request: http::Request<Incoming>| {
        let peer = request.extensions().get::<Peer>().expect("the server says who calls");
        *by_layer.lock().unwrap() = peer.to_string();
        request
    });
    let server = serve_all(Server::new().layer(looks).add(MirrorsServer::new(Mirror))).await;
    let mirror = MirrorsClient::new(server.connect().await);
    let peer = mirror.peer(Request::new(())).await.unwrap();
    assert!(peer.starts_with("127.0.0.1:"), "{peer}");
    assert_eq!(*seen.lock().unwrap(), peer);
}
