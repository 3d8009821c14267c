//! Compression and message sizes: what goes over the wire, and which side says what.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Full};
use tonic::{
    body::Body,
    codec::CompressionEncoding::{Deflate, Gzip},
    transport::Channel,
};
use tower::Service;
use traitwire::{Code, Request, Status, StreamExt, Streaming};
use traitwire_tests::{Server, serve, stock::proof::v1 as stock};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Parrot, StockClient, StockParrot, note, notes},
    raw::{Answer, request},
};

type StockServer = stock::echo_server::EchoServer<StockParrot>;
type StockEchoClient = stock::echo_client::EchoClient<Channel>;

/// A note that gzip makes much smaller.
fn long() -> Note {
    Note { payload: vec![b'a'; 10_000], ..note("long", 1) }
}

/// What a unary call looked like on its way.
#[derive(Debug)]
struct Seen {
    request: (HeaderMap, Bytes),
    answer: (HeaderMap, Bytes),
}

impl Seen {
    #[track_caller]
    fn assert_compressed(&self, request: Option<&str>, answer: Option<&str>) {
        for ((headers, body), expected) in [(&self.request, request), (&self.answer, answer)] {
            let encoding = headers.get("grpc-encoding").map(|it| it.to_str().unwrap());
            let compressed = expected.is_some();
            assert_eq!(encoding.filter(|it| *it != "identity"), expected);
            assert_eq!(body[0], u8::from(compressed), "the flag before the message");
            assert_eq!(body.len() < 1_000, compressed, "{} bytes", body.len());
        }
    }
}

type Tape = Arc<Mutex<Vec<Seen>>>;

/// Lets unary calls through, and keeps a copy of what it let through.
async fn tapped<S>(service: S) -> (Server, Tape)
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let tape = Tape::default();
    let service = tower::service_fn({
        let tape = tape.clone();
        move |request: http::Request<Body>| {
            let (mut service, tape) = (service.clone(), tape.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let asked = (head.headers.clone(), body.clone());
                let request = http::Request::from_parts(head, Body::new(Full::new(body)));
                let (head, body) = service.call(request).await?.into_parts();
                let body = body.collect().await.unwrap();
                let trailers = body.trailers().cloned();
                let body = body.to_bytes();
                let answer = (head.headers.clone(), body.clone());
                tape.lock().unwrap().push(Seen { request: asked, answer });
                let body = Full::new(body).with_trailers(std::future::ready(trailers.map(Ok)));
                Ok::<_, Infallible>(http::Response::from_parts(head, body))
            }
        }
    });
    (serve(service).await, tape)
}

fn only(tape: &Tape) -> Seen {
    let mut tape = tape.lock().unwrap();
    assert_eq!(tape.len(), 1);
    tape.remove(0)
}

fn zipping(channel: Channel) -> EchoClient {
    EchoClient::new(channel).send_compressed(Gzip).accept_compressed(Gzip)
}

#[tokio::test]
async fn gzip_goes_both_ways_between_ours() {
    let server = EchoServer::new(Parrot).send_compressed(Gzip).accept_compressed(Gzip);
    let (server, tape) = tapped(server).await;
    let echo = zipping(server.connect().await);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn gzip_goes_both_ways_between_ours_and_a_stock_server() {
    let server = StockServer::new(StockParrot).send_compressed(Gzip).accept_compressed(Gzip);
    let (server, tape) = tapped(server).await;
    let echo = zipping(server.connect().await);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn gzip_goes_both_ways_between_a_stock_client_and_ours() {
    let server = EchoServer::new(Parrot).send_compressed(Gzip).accept_compressed(Gzip);
    let (server, tape) = tapped(server).await;
    let echo = StockEchoClient::new(server.connect().await);
    let echo = StockClient(echo.send_compressed(Gzip).accept_compressed(Gzip));
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn deflate_goes_both_ways() {
    let server = EchoServer::new(Parrot).send_compressed(Deflate).accept_compressed(Deflate);
    let (server, tape) = tapped(server).await;
    let echo = EchoClient::new(server.connect().await);
    let echo = echo.send_compressed(Deflate).accept_compressed(Deflate);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("deflate"), Some("deflate"));
}

#[tokio::test]
async fn what_one_side_alone_compresses_is_read_by_the_other() {
    let server = EchoServer::new(Parrot).accept_compressed(Gzip);
    let (server, tape) = tapped(server).await;
    let echo = EchoClient::new(server.connect().await).send_compressed(Gzip);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), None);
}

#[tokio::test]
async fn an_answer_is_compressed_for_callers_that_accept_it_only() {
    let server = EchoServer::new(Parrot).send_compressed(Gzip);
    let (server, tape) = tapped(server).await;
    let echo = EchoClient::new(server.connect().await);
    echo.say(Request::new(long())).await.unwrap();
    only(&tape).assert_compressed(None, None);
    echo.accept_compressed(Gzip).say(Request::new(long())).await.unwrap();
    only(&tape).assert_compressed(None, Some("gzip"));
}

#[tokio::test]
async fn streams_are_compressed_too() {
    let server = EchoServer::new(Parrot).send_compressed(Gzip).accept_compressed(Gzip);
    let server = serve(server).await;
    let echo = zipping(server.connect().await);
    let sent = || [long(), Note::default(), long()].into_iter();
    let chat = echo.chat(Request::new(sent().collect())).await.unwrap();
    assert_eq!(chat.metadata().get("grpc-encoding").unwrap(), "gzip");
    let answers: Result<Vec<Note>, Status> = chat.into_inner().collect().await;
    assert_eq!(answers.unwrap(), sent().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_compression_that_the_server_does_not_know_is_unimplemented() {
    let server = serve(EchoServer::new(Parrot)).await;
    let status = zipping(server.connect().await).say(Request::new(long())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("gzip"), "{}", status.message());
    assert!(status.metadata().contains_key("grpc-accept-encoding"));
}

#[tokio::test]
async fn a_compressed_message_of_no_named_compression_is_internal() {
    let server = serve(EchoServer::new(Parrot).accept_compressed(Gzip)).await;
    let body = Full::new(Bytes::from_static(b"\x01\0\0\0\0"));
    let answer = Answer::to(&server, request(&server, "/proof.v1.Echo/Say", body)).await;
    assert_eq!(answer.trailers_only().code(), Code::Internal);
}

const LIMIT: usize = 1_000;

/// Each shape that sends `note` to `echo`, and how it ended.
async fn ends(echo: &impl Echo, note: &Note) -> [Option<Status>; 4] {
    let one = || Request::new(note.clone());
    let many = || Request::new([note.clone()].into_iter().collect::<Streaming<_>>());
    [
        echo.say(one()).await.err(),
        match echo.repeat(one()).await {
            Ok(answer) => end(answer.into_inner()).await,
            Err(status) => Some(status),
        },
        match echo.chat(many()).await {
            Ok(answer) => end(answer.into_inner()).await,
            Err(status) => Some(status),
        },
        // The answer is short: only the request is large.
        echo.join(many()).await.err(),
    ]
}

async fn end(notes: impl traitwire::Stream<Item = Result<Note, Status>>) -> Option<Status> {
    let mut notes = std::pin::pin!(notes);
    while let Some(next) = notes.next().await {
        if let Err(status) = next {
            return Some(status);
        }
    }
    None
}

fn codes(ends: [Option<Status>; 4]) -> [Code; 4] {
    ends.map(|end| end.map_or(Code::Ok, |status| status.code()))
}

#[tokio::test]
async fn a_request_over_the_servers_limit_is_out_of_range() {
    let limited = EchoServer::new(Parrot).max_decoding_message_size(LIMIT);
    let server = serve(limited.clone()).await;
    let remote = EchoClient::new(server.connect().await);
    let stock = StockClient(StockEchoClient::new(server.connect().await));
    let expected = [Code::OutOfRange; 4];
    assert_eq!(codes(ends(&remote, &long()).await), expected);
    assert_eq!(codes(ends(&EchoClient::new(limited), &long()).await), expected);
    assert_eq!(codes(ends(&stock, &long()).await), expected);
    assert_eq!(codes(ends(&remote, &note("short", 1)).await), [Code::Ok; 4]);
}

#[tokio::test]
async fn a_request_over_four_mebibytes_is_out_of_range_by_default() {
    let server = serve(EchoServer::new(Parrot)).await;
    let echo = EchoClient::new(server.connect().await);
    let large = Note { payload: vec![0; 5 << 20], ..note("large", 1) };
    assert_eq!(codes(ends(&echo, &large).await), [Code::OutOfRange; 4]);
}

#[tokio::test]
async fn an_answer_over_the_clients_limit_is_out_of_range() {
    let ours = serve(EchoServer::new(Parrot)).await;
    let stock = serve(StockServer::new(StockParrot)).await;
    for server in [ours, stock] {
        let echo = EchoClient::new(server.connect().await).max_decoding_message_size(LIMIT);
        let expected = [Code::OutOfRange, Code::OutOfRange, Code::OutOfRange, Code::Ok];
        assert_eq!(codes(ends(&echo, &long()).await), expected);
    }
}

#[tokio::test]
async fn an_answer_over_the_servers_own_limit_is_out_of_range() {
    let server = serve(EchoServer::new(Parrot).max_encoding_message_size(LIMIT)).await;
    let ours = EchoClient::new(server.connect().await);
    let stock = StockClient(StockEchoClient::new(server.connect().await));
    let expected = [Code::OutOfRange, Code::OutOfRange, Code::OutOfRange, Code::Ok];
    assert_eq!(codes(ends(&ours, &long()).await), expected);
    assert_eq!(codes(ends(&stock, &long()).await), expected);
}

/// Stock tonic breaks the request off, and reports the breaking-off instead of its reason.
#[tokio::test]
async fn a_request_over_the_clients_own_limit_is_resource_exhausted() {
    let server = serve(EchoServer::new(Parrot)).await;
    let remote = EchoClient::new(server.connect().await).max_encoding_message_size(LIMIT);
    let local = EchoClient::in_process(Parrot).max_encoding_message_size(LIMIT);
    let stock = StockEchoClient::new(server.connect().await).max_encoding_message_size(LIMIT);
    assert_eq!(codes(ends(&remote, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&StockClient(stock), &long()).await), [Code::Internal; 4]);
    assert_eq!(codes(ends(&local, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&remote, &note("short", 1)).await), [Code::Ok; 4]);
}

#[tokio::test]
async fn a_message_of_exactly_the_limit_passes() {
    let size = prost::Message::encoded_len(&long());
    let echo = |limit| {
        let server = EchoServer::new(Parrot).max_decoding_message_size(limit);
        EchoClient::new(server.max_encoding_message_size(limit)).max_decoding_message_size(limit)
    };
    let within = echo(size).max_encoding_message_size(size);
    assert_eq!(codes(ends(&within, &long()).await), [Code::Ok; 4]);
    let over = echo(size).max_encoding_message_size(size - 1);
    assert_eq!(codes(ends(&over, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&echo(size - 1), &long()).await), [Code::OutOfRange; 4]);
}

/// A small message that would be a large one.
#[tokio::test]
async fn a_decompression_bomb_is_resource_exhausted() {
    let server = EchoServer::new(Parrot).accept_compressed(Gzip);
    let server = serve(server.max_decoding_message_size(100_000)).await;
    let bomb = Note { payload: vec![0; 8 << 20], ..note("bomb", 1) };
    let status = zipping(server.connect().await).say(Request::new(bomb)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{}", status.message());
}

/// What is refused leaves the connection as it was.
#[tokio::test]
async fn a_limit_ends_a_call_and_not_its_connection() {
    let server = serve(EchoServer::new(Parrot).max_decoding_message_size(LIMIT)).await;
    let channel = crate::raw::transport(&server).await;
    let echo = EchoClient::new(channel);
    let large = [note("first", 0), long()].into_iter().collect();
    let mut chat = echo.chat(Request::new(large)).await.unwrap().into_inner();
    assert_eq!(chat.next().await.unwrap().unwrap().text, "first");
    assert_eq!(chat.next().await.unwrap().unwrap_err().code(), Code::OutOfRange);
    assert_eq!(echo.join(Request::new(notes(["a", "b"]))).await.unwrap().into_inner().text, "a b");
}
