//! What our server does not let in, and how it says so.

use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use traitwire::{Code, Request, Response, Status};
use traitwire_tests::{Server, serve, serve_dispatch, stock::proof::v1 as stock};

use crate::{
    contract::{ECHO, EchoServer, Note, Parrot, note},
    raw::{Answer, connection, framed, request},
};

/// A server, and how it says what the others say in another way.
struct Served {
    server: Server,
    words: Words,
}

/// Which server it is.
#[derive(Clone, Copy, PartialEq)]
enum Words {
    Ours,
    /// Those of grpc-go.
    Dispatch,
}

impl Deref for Served {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

async fn ours() -> Served {
    Served { server: serve(EchoServer::new(Parrot)).await, words: Words::Ours }
}

/// The server of example 19.
async fn dispatch() -> Served {
    let server = server_dispatch::Server::new().num_stream_workers(1);
    let server = server.register_service(&ECHO, EchoServer::new(Parrot));
    Served { server: serve_dispatch(server).await, words: Words::Dispatch }
}

/// Makes a test of each refusal with each server.
macro_rules! every_server {
    ([$($server:ident)*] $refusals:tt) => {
        $(every_server!($server $refusals);)*
    };
    ($server:ident [$($refusal:ident)*]) => {
        mod $server {
            $(
                #[tokio::test]
                async fn $refusal() {
                    super::$refusal(super::$server().await).await;
                }
            )*
        }
    };
}

every_server!([ours dispatch] [
    an_unknown_method_is_named
    an_unknown_service_is_named
    names_are_case_sensitive
    another_content_type_is_refused_with_415
    a_missing_content_type_is_refused_with_415
    the_content_types_of_protobuf_over_grpc_are_accepted
    another_http_method_is_refused_with_405
    what_is_no_call_is_refused_on_unknown_paths_too
    a_refusal_does_not_wait_for_the_body
    a_malformed_timeout_is_named
    every_unit_of_a_timeout_is_accepted
    a_call_of_one_message_takes_no_second
    a_call_of_one_message_takes_no_fewer
    bytes_that_are_no_message_are_an_internal_error
    an_error_before_the_first_message_is_headers_alone
    headers_do_not_wait_for_messages
    the_bytes_of_a_call_are_those_of_the_specification
]);

/// What comes back for one `say`, after `change` was made to the request.
async fn say(server: &Server, change: impl FnOnce(&mut http::Request<Full<Bytes>>)) -> Answer {
    let body = Full::new(framed(&note("hello", 0)));
    let mut request = request(server, "/proof.v1.Echo/Say", body);
    change(&mut request);
    Answer::to(server, request).await
}

#[track_caller]
fn assert_said_hello(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/grpc");
    assert_eq!(answer.body, framed(&note("hello", 0)));
    assert_eq!(answer.trailers.as_ref().unwrap()["grpc-status"], "0");
}

async fn an_unknown_method_is_named(server: Served) {
    let mut client = stock_grpc(&server).await;
    let status = unary(&mut client, "/proof.v1.Echo/Sing").await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let said = match server.words {
        Words::Ours => "unknown method Sing of service proof.v1.Echo",
        Words::Dispatch => "unknown method Sing for service proof.v1.Echo",
    };
    assert_eq!(status.message(), said);
}

async fn an_unknown_service_is_named(server: Served) {
    let mut client = stock_grpc(&server).await;
    let status = unary(&mut client, "/proof.v1.Choir/Say").await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.message(), "unknown service proof.v1.Choir");
}

async fn names_are_case_sensitive(server: Served) {
    let mut client = stock_grpc(&server).await;
    for path in ["/proof.v1.Echo/say", "/proof.v1.echo/Say", "/Echo/Say", "/proof.v1.Echo/Say/"] {
        let status = unary(&mut client, path).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
}

type StockGrpc = tonic::client::Grpc<tonic::transport::Channel>;

async fn stock_grpc(server: &Server) -> StockGrpc {
    StockGrpc::new(server.channel().await)
}

/// A call of any path by stock tonic.
async fn unary(client: &mut StockGrpc, path: &'static str) -> Result<Note, Status> {
    let path = http::uri::PathAndQuery::from_static(path);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<Note, Note>::default();
    client.unary(Request::new(note("", 0)), path, codec).await.map(Response::into_inner)
}

mod later {
    //! A service of which nothing is written yet.

    use traitwire::{Request, Response, Status, Stream, Streaming, service};

    use crate::contract::Note;

    #[service(package = "proof.v1", name = "Echo", unimplemented)]
    pub(super) trait Later {
        async fn say(&self, note: Note) -> Result<Note, Status>;
        fn repeat(&self, note: Note) -> impl Stream<Item = Result<Note, Status>>;
        async fn join(&self, notes: Streaming<Note>) -> Result<Response<Note>, Status>;
        async fn chat(
            &self,
            notes: Request<Streaming<Note>>,
        ) -> Result<Response<impl Stream<Item = Result<Note, Status>>>, Status>;
    }

    pub(super) struct Nothing;

    impl Later for Nothing {}
}

#[tokio::test]
async fn a_method_that_is_not_written_says_so() {
    let server = serve(later::LaterServer::new(later::Nothing)).await;
    let mut client = stock::echo_client::EchoClient::new(server.channel().await);
    let check = |status: Status, message: &str| {
        assert_eq!((status.code(), status.message()), (Code::Unimplemented, message));
    };

    let note = stock::Note::default();
    let say = client.say(note.clone()).await.unwrap_err();
    check(say, "method Say not implemented");
    // A direct stream has its headers before its first message, and fails after them.
    let mut repeat = client.repeat(note.clone()).await.unwrap().into_inner();
    check(repeat.message().await.unwrap_err(), "method Repeat not implemented");
    let join = client.join(tokio_stream::once(note.clone())).await.unwrap_err();
    check(join, "method Join not implemented");
    let chat = client.chat(tokio_stream::once(note)).await.unwrap_err();
    check(chat, "method Chat not implemented");
}

async fn another_content_type_is_refused_with_415(server: Served) {
    let refused = [
        "text/html",
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/json",
        "application/grpc+json",
        "application/grpcx",
        "",
    ];
    for content_type in refused {
        let answer = say(&server, |request| {
            let value = HeaderValue::from_static(content_type);
            request.headers_mut().insert(header::CONTENT_TYPE, value);
            // Nothing reads this: it would be an error of another kind.
            *request.body_mut() = Full::new(Bytes::from_static(b"no message"));
        });
        let answer = answer.await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type:?}");
        let text = match server.words {
            // A caller that knows no gRPC reads it.
            Words::Ours => {
                assert!(!answer.headers.contains_key("grpc-status"));
                assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
                String::from_utf8(answer.body.to_vec()).unwrap()
            }
            // It stands in the headers, beside a gRPC status.
            Words::Dispatch => {
                let status = Status::from_header_map(&answer.headers).expect("a status");
                assert_eq!(status.code(), Code::InvalidArgument);
                status.message().to_owned()
            }
        };
        assert!(text.contains(&format!("{content_type:?}")), "{text}");
    }
}

async fn a_missing_content_type_is_refused_with_415(server: Served) {
    let answer = say(&server, |request| {
        request.headers_mut().remove(header::CONTENT_TYPE);
    });
    assert_eq!(answer.await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn the_content_types_of_protobuf_over_grpc_are_accepted(server: Served) {
    let accepted = [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc; charset=utf-8",
        "application/grpc ; charset=utf-8",
        "application/grpc+proto;messageType=\"proof.v1.Note\"",
        "APPLICATION/GRPC",
        "Application/gRPC+Proto",
    ];
    for content_type in accepted {
        let answer = say(&server, |request| {
            let value = HeaderValue::from_static(content_type);
            request.headers_mut().insert(header::CONTENT_TYPE, value);
        });
        assert_said_hello(&answer.await);
    }
}

async fn another_http_method_is_refused_with_405(server: Served) {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = say(&server, |request| *request.method_mut() = method.clone()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers[header::ALLOW], "POST");
        if server.words == Words::Ours {
            assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        }
    }
}

async fn what_is_no_call_is_refused_on_unknown_paths_too(server: Served) {
    let path = "/proof.v1.Echo/Sing";
    let mut get = request(&server, path, Full::default());
    *get.method_mut() = Method::GET;
    assert_eq!(Answer::to(&server, get).await.status, StatusCode::METHOD_NOT_ALLOWED);

    let mut html = request(&server, path, Full::default());
    html.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    assert_eq!(Answer::to(&server, html).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn a_refusal_does_not_wait_for_the_body(server: Served) {
    let (_open, body) = http_body_util::channel::Channel::<Bytes>::new(1);
    let mut request = request(&server, "/proof.v1.Echo/Say", body);
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    let response = connection(&server).await.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn a_malformed_timeout_is_named(server: Served) {
    for timeout in ["", "5", "S", "5 S", "5x", "-5S", "+5S", "1.5S", "123456789S"] {
        let answer = say(&server, |request| {
            request.headers_mut().insert("grpc-timeout", HeaderValue::from_static(timeout));
        });
        let mut answer = answer.await;
        // Who is not called may say so in HTTP too.
        let http = match server.words {
            Words::Ours => StatusCode::OK,
            Words::Dispatch => StatusCode::BAD_REQUEST,
        };
        assert_eq!(std::mem::take(&mut answer.status), http, "{timeout:?}");
        let status = answer.trailers_only();
        assert_eq!(status.code(), Code::Internal, "{timeout:?}");
        assert!(status.message().contains("grpc-timeout"), "{}", status.message());
        assert!(status.message().contains(&format!("{timeout:?}")), "{}", status.message());
    }
}

async fn every_unit_of_a_timeout_is_accepted(server: Served) {
    for timeout in ["1H", "99999999H", "60M", "60S", "60000m", "60000000u", "0060S"] {
        let answer = say(&server, |request| {
            request.headers_mut().insert("grpc-timeout", HeaderValue::from_static(timeout));
        });
        assert_said_hello(&answer.await);
    }
}

/// Sends these bytes as the body of a call with one message in the request.
async fn call(server: &Server, method: &str, body: &[Bytes]) -> Answer {
    let path = format!("/proof.v1.Echo/{method}");
    let request = request(server, &path, Full::new(body.concat().into()));
    Answer::to(server, request).await
}

async fn a_call_of_one_message_takes_no_second(server: Served) {
    let message = framed(&note("hello", 1));
    for method in ["Say", "Repeat"] {
        let status = call(&server, method, &[message.clone(), message.clone()]).await;
        let status = status.trailers_only();
        assert_eq!(status.code(), Code::Unimplemented, "{method}");
        assert_eq!(status.message(), "expected one request message, got more than one");
    }
}

async fn a_call_of_one_message_takes_no_fewer(server: Served) {
    for method in ["Say", "Repeat"] {
        let status = call(&server, method, &[]).await.trailers_only();
        assert_eq!(status.code(), Code::Unimplemented, "{method}");
        assert_eq!(status.message(), "expected one request message, got none");
    }
}

async fn bytes_that_are_no_message_are_an_internal_error(server: Served) {
    let garbage = Bytes::from_static(b"\0\0\0\0\x02\xff\xff");
    let half = Bytes::from_static(b"\0\0\0\0\x09\x0a\x05he");
    let flag = Bytes::from_static(b"\x07\0\0\0\0");
    let prefix = Bytes::from_static(b"\0\0\0");
    for body in [garbage, half, flag, prefix] {
        let status = call(&server, "Say", std::slice::from_ref(&body)).await.trailers_only();
        assert_eq!(status.code(), Code::Internal, "{body:?}: {}", status.message());
        assert_said_hello(&say(&server, |_| ()).await);
    }
}

async fn an_error_before_the_first_message_is_headers_alone(server: Served) {
    for method in ["Say", "Repeat", "Join", "Chat"] {
        let body = Full::new(framed(&note("hello", 1)));
        let mut request = request(&server, &format!("/proof.v1.Echo/{method}"), body);
        request.headers_mut().insert("x-refuse", HeaderValue::from_static("yes"));
        let answer = Answer::to(&server, request).await;
        crate::contract::assert_failure(&answer.trailers_only());
        assert_eq!(answer.headers["content-type"], "application/grpc", "{method}");
    }
}

/// Headers leave when the handler has its answer, before the caller has sent anything.
async fn headers_do_not_wait_for_messages(server: Served) {
    let (open, body) = http_body_util::channel::Channel::<Bytes>::new(1);
    let request = request(&server, "/proof.v1.Echo/Chat", body);
    let response = connection(&server).await.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    drop(open);
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
}

async fn the_bytes_of_a_call_are_those_of_the_specification(server: Served) {
    let answer = call(&server, "Join", &[framed(&note("a", 0)), framed(&note("b", 0))]).await;
    assert_eq!(answer.headers["content-type"], "application/grpc");
    // Flag 0, length 7; field 1, three bytes "a b"; field 2, varint 2.
    assert_eq!(answer.body.as_ref(), b"\0\0\0\0\x07\x0a\x03a b\x10\x02");
    assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
}
