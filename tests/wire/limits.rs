//! Compression and message sizes: what goes over the wire, and which side says what.

use std::{
    convert::Infallible,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Full};
use tonic::{body::Body, codec::CompressionEncoding, metadata::MetadataMap};
use tower::Service;
use traitwire::{
    CallOptions, Channel, Code,
    Compression::{self, Deflate, Gzip},
    Request, Response, ServiceOptions, Status, StreamExt, Streaming, TonicChannel, Trailers,
    service,
};
use traitwire_tests::{Server, serve, serve_http, stock::proof::v1 as stock};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Note, Parrot, StockClient, StockParrot, note, notes},
    raw::{Answer, Canned, request},
};

type StockServer = stock::echo_server::EchoServer<StockParrot>;
type StockEchoClient = stock::echo_client::EchoClient<tonic::transport::Channel>;

/// A note that gzip makes much smaller.
fn long() -> Note {
    Note { payload: vec![b'a'; 10_000], ..note("long", 1) }
}

/// What a call looked like on its way.
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

/// Lets whole calls through, and keeps a copy of what it let through.
async fn tapped<S, B>(service: S) -> (Server, Tape)
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Debug> + Send,
{
    let tape = Tape::default();
    let service = tower::service_fn({
        let tape = tape.clone();
        move |request: http::Request<traitwire::Incoming>| {
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
    (serve_http(service).await, tape)
}

fn only(tape: &Tape) -> Seen {
    let mut tape = tape.lock().unwrap();
    assert_eq!(tape.len(), 1);
    tape.remove(0)
}

/// A server that compresses in this way, and lets its callers do so.
fn packing(compression: Compression) -> EchoServer<Parrot> {
    let options = ServiceOptions::new().send_compressed(compression).accept_compressed(compression);
    EchoServer::new(Parrot).with(options)
}

/// A client that compresses in this way, and lets its server do so.
fn packing_client(channel: Channel, compression: Compression) -> EchoClient {
    let options = CallOptions::new().send_compressed(compression).accept_compressed(compression);
    EchoClient::new(channel).with(options)
}

#[tokio::test]
async fn gzip_goes_both_ways_between_ours() {
    let (server, tape) = tapped(packing(Gzip)).await;
    let echo = packing_client(server.connect().await, Gzip);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn gzip_goes_both_ways_between_ours_and_a_stock_server() {
    let gzip = CompressionEncoding::Gzip;
    let server = StockServer::new(StockParrot).send_compressed(gzip).accept_compressed(gzip);
    let (server, tape) = tapped(server).await;
    let echo = packing_client(server.connect().await, Gzip);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn gzip_goes_both_ways_between_a_stock_client_and_ours() {
    let (server, tape) = tapped(packing(Gzip)).await;
    let echo = StockEchoClient::new(server.channel().await);
    let gzip = CompressionEncoding::Gzip;
    let echo = StockClient(echo.send_compressed(gzip).accept_compressed(gzip));
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn deflate_goes_both_ways() {
    let (server, tape) = tapped(packing(Deflate)).await;
    let echo = packing_client(server.connect().await, Deflate);
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("deflate"), Some("deflate"));
}

#[tokio::test]
async fn what_one_side_alone_compresses_is_read_by_the_other() {
    let server = EchoServer::new(Parrot).with(ServiceOptions::new().accept_compressed(Gzip));
    let (server, tape) = tapped(server).await;
    let echo = EchoClient::new(server.connect().await);
    let echo = echo.with(CallOptions::new().send_compressed(Gzip));
    assert_eq!(echo.say(Request::new(long())).await.unwrap().into_inner(), long());
    only(&tape).assert_compressed(Some("gzip"), None);
}

#[tokio::test]
async fn an_answer_is_compressed_for_callers_that_accept_it_only() {
    let server = EchoServer::new(Parrot).with(ServiceOptions::new().send_compressed(Gzip));
    let (server, tape) = tapped(server).await;
    let echo = EchoClient::new(server.connect().await);
    echo.say(Request::new(long())).await.unwrap();
    only(&tape).assert_compressed(None, None);
    let echo = echo.with(CallOptions::new().accept_compressed(Gzip));
    echo.say(Request::new(long())).await.unwrap();
    only(&tape).assert_compressed(None, Some("gzip"));
}

#[tokio::test]
async fn streams_are_compressed_too() {
    let (server, tape) = tapped(packing(Gzip)).await;
    let echo = packing_client(server.connect().await, Gzip);
    let sent = || [long(), Note::default(), long()].into_iter();
    let chat = echo.chat(Request::new(sent().collect())).await.unwrap();
    let answers: Result<Vec<Note>, Status> = chat.into_inner().collect().await;
    assert_eq!(answers.unwrap(), sent().collect::<Vec<_>>());
    only(&tape).assert_compressed(Some("gzip"), Some("gzip"));
}

#[tokio::test]
async fn a_compression_that_the_server_does_not_know_is_unimplemented() {
    let server = serve(EchoServer::new(Parrot)).await;
    let status =
        packing_client(server.connect().await, Gzip).say(Request::new(long())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(status.message().contains("gzip"), "{}", status.message());
    assert!(status.metadata().contains_key("grpc-accept-encoding"));
}

#[tokio::test]
async fn a_compressed_message_of_no_named_compression_is_internal() {
    let server = serve(packing(Gzip)).await;
    let body = Full::new(Bytes::from_static(b"\x01\0\0\0\0"));
    let answer = Answer::to(&server, request(&server, "/proof.v1.Echo/Say", body)).await;
    assert_eq!(answer.trailers_only().code(), Code::Internal);
}

const LIMIT: usize = 1_000;

/// A client and a server that read messages of at most so many bytes.
fn reads(limit: usize) -> (CallOptions, ServiceOptions) {
    (
        CallOptions::new().max_decoding_message_size(limit),
        ServiceOptions::new().max_decoding_message_size(limit),
    )
}

/// A client and a server that send messages of at most so many bytes.
fn sends(limit: usize) -> (CallOptions, ServiceOptions) {
    (
        CallOptions::new().max_encoding_message_size(limit),
        ServiceOptions::new().max_encoding_message_size(limit),
    )
}

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
async fn a_request_over_the_servers_limit_is_resource_exhausted() {
    let limited = EchoServer::new(Parrot).with(reads(LIMIT).1);
    let server = serve(limited.clone()).await;
    let remote = EchoClient::new(server.connect().await);
    let stock = StockClient(StockEchoClient::new(server.channel().await));
    let expected = [Code::ResourceExhausted; 4];
    assert_eq!(codes(ends(&remote, &long()).await), expected);
    assert_eq!(codes(ends(&EchoClient::new(limited), &long()).await), expected);
    assert_eq!(codes(ends(&stock, &long()).await), expected);
    assert_eq!(codes(ends(&remote, &note("short", 1)).await), [Code::Ok; 4]);
}

#[tokio::test]
async fn a_request_over_four_mebibytes_is_resource_exhausted_by_default() {
    let server = serve(EchoServer::new(Parrot)).await;
    let echo = EchoClient::new(server.connect().await);
    let large = Note { payload: vec![0; 5 << 20], ..note("large", 1) };
    assert_eq!(codes(ends(&echo, &large).await), [Code::ResourceExhausted; 4]);
}

#[tokio::test]
async fn an_answer_over_the_clients_limit_is_resource_exhausted() {
    let ours = serve(EchoServer::new(Parrot)).await;
    let stock = serve_http(StockServer::new(StockParrot)).await;
    for server in [ours, stock] {
        let echo = EchoClient::new(server.connect().await).with(reads(LIMIT).0);
        let exhausted = Code::ResourceExhausted;
        let expected = [exhausted, exhausted, exhausted, Code::Ok];
        assert_eq!(codes(ends(&echo, &long()).await), expected);
    }
}

#[tokio::test]
async fn an_answer_over_the_servers_own_limit_is_resource_exhausted() {
    let server = serve(EchoServer::new(Parrot).with(sends(LIMIT).1)).await;
    let ours = EchoClient::new(server.connect().await);
    let stock = StockClient(StockEchoClient::new(server.channel().await));
    let exhausted = Code::ResourceExhausted;
    let expected = [exhausted, exhausted, exhausted, Code::Ok];
    assert_eq!(codes(ends(&ours, &long()).await), expected);
    assert_eq!(codes(ends(&stock, &long()).await), expected);
}

/// Stock tonic breaks the request off, and reports the breaking-off instead of its reason.
#[tokio::test]
async fn a_request_over_the_clients_own_limit_is_resource_exhausted() {
    let server = serve(EchoServer::new(Parrot)).await;
    let remote = EchoClient::new(server.connect().await).with(sends(LIMIT).0);
    let local = EchoClient::in_process(Parrot).with(sends(LIMIT).0);
    let stock = StockEchoClient::new(server.channel().await).max_encoding_message_size(LIMIT);
    assert_eq!(codes(ends(&remote, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&StockClient(stock), &long()).await), [Code::Internal; 4]);
    assert_eq!(codes(ends(&local, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&remote, &note("short", 1)).await), [Code::Ok; 4]);
}

#[tokio::test]
async fn a_message_of_exactly_the_limit_passes() {
    let size = prost::Message::encoded_len(&long());
    let echo = |limit| {
        let options = reads(limit).1.max_encoding_message_size(limit);
        EchoClient::new(EchoServer::new(Parrot).with(options)).with(reads(limit).0)
    };
    let within = echo(size).with(sends(size).0);
    assert_eq!(codes(ends(&within, &long()).await), [Code::Ok; 4]);
    let over = echo(size).with(sends(size - 1).0);
    assert_eq!(codes(ends(&over, &long()).await), [Code::ResourceExhausted; 4]);
    assert_eq!(codes(ends(&echo(size - 1), &long()).await), [Code::ResourceExhausted; 4]);
}

/// A small message that would be a large one.
#[tokio::test]
async fn a_decompression_bomb_is_resource_exhausted() {
    let options = reads(100_000).1.accept_compressed(Gzip);
    let server = serve(EchoServer::new(Parrot).with(options)).await;
    let bomb = Note { payload: vec![0; 8 << 20], ..note("bomb", 1) };
    let status =
        packing_client(server.connect().await, Gzip).say(Request::new(bomb)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{}", status.message());
}

/// What is refused leaves the connection as it was.
#[tokio::test]
async fn a_limit_ends_a_call_and_not_its_connection() {
    let server = serve(EchoServer::new(Parrot).with(reads(LIMIT).1)).await;
    let channel = crate::raw::transport(&server).await;
    let echo = EchoClient::new(TonicChannel::from(channel));
    let large = [note("first", 0), long()].into_iter().collect();
    let mut chat = echo.chat(Request::new(large)).await.unwrap().into_inner();
    assert_eq!(chat.next().await.unwrap().unwrap().text, "first");
    assert_eq!(chat.next().await.unwrap().unwrap_err().code(), Code::ResourceExhausted);
    assert_eq!(echo.join(Request::new(notes(["a", "b"]))).await.unwrap().into_inner().text, "a b");
}

/// How many bytes of metadata a peer takes that does not say it: as many as gRPC's C core.
const BLOCK: usize = 8 * 1024;

/// What a field counts for beside its value (RFC 9113 §6.5.2).
const FIELD: usize = "x-long".len() + 32;

fn metadata(length: usize) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    metadata.insert("x-long", "m".repeat(length).parse().unwrap());
    metadata
}

#[tokio::test]
async fn a_request_with_more_metadata_than_a_peer_takes_is_not_sent() {
    let server = Canned::new();
    let echo = EchoClient::new(server.clone().transport());
    let mut request = Request::new(note("", 0));
    *request.metadata_mut() = metadata(BLOCK - FIELD + 1);
    let status = echo.say(request).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(server.asked().is_empty(), "{:?}", server.asked());

    let mut request = Request::new(note("", 0));
    // The fields that every call has count too.
    *request.metadata_mut() = metadata(BLOCK - FIELD - 300);
    let _ = echo.say(request).await;
    assert_eq!(server.asked().len(), 1);
}

/// A service whose answers have as much beside them as it is asked for.
#[service(package = "proof.v1")]
trait Talkative {
    async fn headers(&self, length: u32) -> Result<Response<()>, Status>;
    async fn trailers(&self, length: u32) -> Result<Response<()>, Status>;
    async fn metadata_of_an_error(&self, length: u32) -> Result<(), Status>;
    async fn message_of_an_error(&self, length: u32) -> Result<(), Status>;
}

struct Talker;

impl Talkative for Talker {
    async fn headers(&self, length: u32) -> Result<Response<()>, Status> {
        let mut response = Response::new(());
        *response.metadata_mut() = metadata(length as usize);
        Ok(response)
    }

    async fn trailers(&self, length: u32) -> Result<Response<()>, Status> {
        let trailers = Trailers::new();
        trailers.update(|it| *it = metadata(length as usize));
        let mut response = Response::new(());
        response.extensions_mut().insert(trailers);
        Ok(response)
    }

    async fn metadata_of_an_error(&self, length: u32) -> Result<(), Status> {
        Err(Status::with_metadata(Code::Aborted, "too much", metadata(length as usize)))
    }

    async fn message_of_an_error(&self, length: u32) -> Result<(), Status> {
        Err(Status::aborted("x".repeat(length as usize)))
    }
}

/// The peer here says that it takes 16 KiB.
#[tokio::test]
async fn an_answer_with_more_metadata_than_a_peer_takes_is_resource_exhausted() {
    let server = serve(TalkativeServer::new(Talker)).await;
    let talker = TalkativeClient::new(server.connect().await);
    for (length, expected) in [(15_000, Code::Ok), (17_000, Code::ResourceExhausted)] {
        let code = |answer: Result<Response<()>, Status>| {
            answer.err().map_or(Code::Ok, |status| status.code())
        };
        assert_eq!(code(talker.headers(length).await), expected, "{length}");
        assert_eq!(code(talker.trailers(length).await), expected, "{length}");
    }
}

/// What does not fit is left out, and the message says so.
#[tokio::test]
async fn an_error_keeps_its_code_whatever_is_beside_it() {
    let server = serve(TalkativeServer::new(Talker)).await;
    let talker = TalkativeClient::new(server.connect().await);

    let status = talker.metadata_of_an_error(15_000).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "too much"));
    assert_eq!(status.metadata().get("x-long").unwrap().len(), 15_000);
    let status = talker.metadata_of_an_error(17_000).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert!(status.message().starts_with("too much (left out: "), "{}", status.message());
    assert!(!status.metadata().contains_key("x-long"));

    let status = talker.message_of_an_error(15_000).await.unwrap_err();
    assert_eq!((status.code(), status.message().len()), (Code::Aborted, 15_000));
    let status = talker.message_of_an_error(70_000).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    let message = status.message();
    assert!(message.starts_with("xxx") && message.contains("left out"), "{message}");
}
