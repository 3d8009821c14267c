//! Bytes that are not HTTP/2, and calls whose messages are none.

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::{net::TcpStream, sync::mpsc};
use tonic::body::Body;
use traitwire::{CallOptions, Code, Compression, Status, Streaming, TonicChannel};

use crate::{
    frames::{Attacker, Frame, PREFACE, Reason, begin, streams},
    service::{Attacked, AttackedClient},
    target::{Target, bounded, is_ours},
};

/// A message may have so many bytes.
const LARGEST: u32 = 4 << 20;

/// The same on every run, and like nothing else.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let step = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(1), step).map(|state| (state >> 56) as u8).take(length).collect()
}

#[tokio::test]
pub(crate) async fn what_is_not_http_2_is_hung_up_on() {
    let client_hello = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &noise(506)[..]].concat();
    let almost = [&PREFACE[..23], b"?"].concat();
    let target = Target::new().await;
    for bytes in [
        client_hello,
        b"GET / HTTP/1.1\r\nhost: attacked\r\nconnection: keep-alive\r\n\r\n".to_vec(),
        almost,
        vec![0; 100_000],
        noise(100_000),
    ] {
        for _ in 0..50 {
            let outcome = Attacker::connect(target.addr).await.attack_with(bytes.clone()).await;
            assert!(!outcome.served && outcome.headers == 0, "{outcome:?}");
        }
    }
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn noise_after_the_preface_ends_its_connection() {
    let target = Target::new().await;
    for _ in 0..50 {
        let outcome = Attacker::greet(target.addr, &[]).await.attack_with(noise(100_000)).await;
        outcome.assert_goaway(Reason::FRAME_SIZE_ERROR, "");
    }
    target.stands().await;
}

/// A connection that keeps to HTTP/2, and to nothing above it.
#[derive(Clone)]
struct Caller(SendRequest<Bytes>);

/// A request before its body.
fn request(method: &str) -> Request<()> {
    Request::post(format!("http://attacked/hostile.Attacked/{method}"))
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::TE, "trailers")
        .body(())
        .unwrap()
}

/// How a request ends.
#[derive(PartialEq)]
enum End {
    Data,
    Trailers,
}

impl Caller {
    async fn connect(target: &Target) -> Self {
        let socket = TcpStream::connect(target.addr).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (sender, connection) = bounded(h2::client::handshake(socket)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// The status of an answer, and its headers, or its trailers if it has any.
    async fn ask(
        &self,
        request: Request<()>,
        body: impl Into<Bytes>,
        end: End,
    ) -> (StatusCode, HeaderMap) {
        bounded(async {
            let mut sender = self.0.clone().ready().await.unwrap();
            let (answer, mut sending) = sender.send_request(request, false).unwrap();
            sending.send_data(body.into(), end == End::Data).unwrap();
            if end == End::Trailers {
                sending.send_trailers(HeaderMap::new()).unwrap();
            }
            let (head, mut body) = answer.await.unwrap().into_parts();
            while let Some(data) = body.data().await {
                body.flow_control().release_capacity(data.unwrap().len()).unwrap();
            }
            let trailers = body.trailers().await.unwrap();
            (head.status, trailers.unwrap_or(head.headers))
        })
        .await
    }

    /// The status of a call with this as the body of its request.
    async fn call(&self, method: &str, body: impl Into<Bytes>) -> Status {
        let (http, headers) = self.ask(request(method), body, End::Data).await;
        assert_eq!(http, StatusCode::OK);
        Status::from_header_map(&headers).expect("a gRPC status")
    }
}

/// A message behind its five-byte prefix.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], &length.to_be_bytes()[..], message].concat()
}

#[tokio::test]
pub(crate) async fn broken_calls_by_the_hundred_are_errors_and_no_more() {
    let target = Target::new().await;
    let caller = Caller::connect(&target).await;
    let not_utf_8 = framed(b"\x0a\x02\xff\xfe");
    let half_a_field = framed(b"\x0a\x09half");
    let half_a_message = framed(b"\x0a\x04half")[..8].to_vec();
    let half_a_prefix = b"\0\0\0".to_vec();
    let strange_flag = b"\x07\0\0\0\0".to_vec();
    for _ in 0..100 {
        for body in [&not_utf_8, &half_a_field, &half_a_message, &half_a_prefix, &strange_flag] {
            let status = caller.call("Echo", body.clone()).await;
            assert_eq!(status.code(), Code::Internal, "{body:?}: {status:?}");
        }

        let (http, headers) = caller.ask(request("Echo"), "", End::Trailers).await;
        let status = Status::from_header_map(&headers).expect("a gRPC status");
        assert_eq!((http, status.code()), (StatusCode::OK, Code::Unimplemented));
        assert_eq!(status.message(), "expected one request message, got none");

        let mut get = request("Echo");
        *get.method_mut() = Method::GET;
        let (http, _) = caller.ask(get, "", End::Data).await;
        assert_eq!(http, StatusCode::METHOD_NOT_ALLOWED);

        let mut page = request("Echo");
        page.headers_mut().insert(header::CONTENT_TYPE, "text/html".parse().unwrap());
        let (http, _) = caller.ask(page, noise(1_000), End::Data).await;
        assert_eq!(http, StatusCode::UNSUPPORTED_MEDIA_TYPE);

        let mut large = request("Echo");
        large.headers_mut().insert("x", "y".repeat(20_000).parse().unwrap());
        let (http, headers) = caller.ask(large, "", End::Data).await;
        if is_ours() {
            let status = Status::from_header_map(&headers).expect("a gRPC status");
            assert_eq!((http, status.code()), (StatusCode::OK, Code::ResourceExhausted));
        } else {
            assert_eq!(http, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
    }
    drop(caller);
    target.stands().await;
}

#[tokio::test]
pub(crate) async fn a_length_over_the_limit_is_refused_before_the_message_comes() {
    let target = Target::new().await;
    let caller = Caller::connect(&target).await;
    for length in [LARGEST + 1, u32::MAX] {
        let prefix = [&[0], &length.to_be_bytes()[..]].concat();
        for _ in 0..100 {
            let status = caller.call("Drain", prefix.clone()).await;
            assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        }
    }
    drop(caller);
    target.stands().await;
}

/// The promise of eight hundred mebibytes, of which none comes.
#[tokio::test]
pub(crate) async fn a_length_within_the_limit_takes_no_memory_before_the_message_comes() {
    const CALLS: u32 = 200;
    let target = Target::new().await;
    let prefix = [&[0], &LARGEST.to_be_bytes()[..]].concat();
    let promises =
        streams(CALLS).flat_map(|it| [begin(it, "Drain"), Frame::data(it, prefix.clone(), false)]);
    let mut attacker = Attacker::greet(target.addr, &[]).await;
    assert!(attacker.attack(promises).await.served);
    target.until(|_, census| census.running == u64::from(CALLS)).await;
    drop(attacker);
    target.stands().await;
}

/// The body of a call with one message of so many zeros, a thousand times smaller.
pub(crate) async fn compressed(zeros: usize) -> Bytes {
    let (sender, mut bodies) = mpsc::unbounded_channel();
    let transport = tower::service_fn(move |request: Request<Body>| {
        let sender = sender.clone();
        async move {
            let body = request.into_body().collect().await?.to_bytes();
            sender.send(body).expect("it is waited for");
            Err::<http::Response<Body>, _>(Status::cancelled("the body was all that was wanted"))
        }
    });
    let options = CallOptions::new().send_compressed(Compression::Gzip);
    let client = AttackedClient::new(TonicChannel::from(transport)).with(options);
    client.drain(Streaming::from_iter([vec![0; zeros]])).await.unwrap_err();
    bodies.recv().await.expect("a body")
}

#[tokio::test]
pub(crate) async fn decompression_bombs_are_resource_exhausted() {
    let target = Target::new().await;
    let bomb = compressed(16 << 20).await;
    assert!(bomb.len() < 100_000, "{} bytes", bomb.len());
    let caller = Caller::connect(&target).await;
    let calls = (0..20).map(|_| async {
        let mut request = request("Drain");
        request.headers_mut().insert("grpc-encoding", "gzip".parse().unwrap());
        let (_, headers) = caller.ask(request, bomb.clone(), End::Data).await;
        Status::from_header_map(&headers).expect("a gRPC status").code()
    });
    let codes = futures_util::future::join_all(calls).await;
    assert_eq!(codes, [Code::ResourceExhausted; 20]);
    drop(caller);
    target.stands().await;
}

/// A tree, encoded from the root.
pub(crate) fn tree(depth: usize) -> Vec<u8> {
    let above = |below: &u64| Some(1 + prost::length_delimiter_len(*below as usize) as u64 + below);
    let lengths: Vec<u64> = std::iter::successors(Some(0), above).take(depth).collect();
    let mut bytes = Vec::new();
    for length in lengths.into_iter().rev() {
        bytes.push(0x0a);
        prost::encoding::encode_varint(length, &mut bytes);
    }
    bytes
}

#[tokio::test]
pub(crate) async fn a_message_nested_too_deep_is_an_internal_error() {
    let target = Target::new().await;
    let caller = Caller::connect(&target).await;
    let status = caller.call("Depth", framed(&tree(100))).await;
    assert_eq!(status.code(), Code::Ok, "{status:?}");
    for depth in [101, 1_000, 500_000] {
        let status = caller.call("Depth", framed(&tree(depth))).await;
        assert_eq!(status.code(), Code::Internal, "{status:?}");
        assert!(status.message().contains("recursion limit"), "{status:?}");
    }
    drop(caller);
    target.stands().await;
}

/// A gRPC request has no trailers. One that has some may hide behind them that it breaks off.
#[tokio::test]
pub(crate) async fn half_a_message_before_trailers_is_an_internal_error() {
    let target = Target::new().await;
    let caller = Caller::connect(&target).await;
    let piece = framed(b"\x0a\x04half");
    let body = [&piece, &piece[..9]].concat();
    let (_, headers) = caller.ask(request("Drain"), body, End::Trailers).await;
    let status = Status::from_header_map(&headers).expect("a gRPC status");
    assert_eq!(status.code(), Code::Internal, "{status:?}");
}
