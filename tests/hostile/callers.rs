//! Our client against servers that are hostile, or die.

use std::{
    iter::{once, repeat_n},
    net::SocketAddr,
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
};
use traitwire::{CallOptions, Code, Status};

use crate::{
    bytes::{compressed, framed, noise},
    floods::bomb,
    frames::{
        Frame, Kind, MAX_FRAME_SIZE, PREFACE, Reason, Setting, WIDE_OPEN, begin_with, bytes, call,
        fields, flags, next,
    },
    service::Attacked,
    target::{Process, bounded, connect, connect_lazy},
};

/// What a hostile server does on every connection.
#[derive(Clone, Default)]
struct Script {
    /// What it says before anything else.
    greeting: Vec<u8>,
    /// What it says when a call has begun.
    answer: Vec<u8>,
    /// What it says then, a thousand times.
    again: Vec<u8>,
    /// Whether it hangs up at the end.
    hangs_up: bool,
}

impl Script {
    /// A server that keeps to the rules until it is called.
    fn answers(frames: impl IntoIterator<Item = Frame>) -> Self {
        let greeting = bytes([Frame::settings(&[]), Frame::settings_ack()]);
        Self { greeting, answer: bytes(frames), ..Self::default() }
    }

    async fn listen(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let script = self.clone();
                tokio::spawn(async move {
                    // A caller who has had enough hangs up.
                    let _ = script.play(socket).await;
                });
            }
        });
        addr
    }

    async fn play(self, mut socket: TcpStream) -> std::io::Result<()> {
        let (mut reader, mut writer) = socket.split();
        writer.write_all(&self.greeting).await?;
        reader.read_exact(&mut [0; PREFACE.len()]).await?;
        let (mut buffer, mut nowhere) = (BytesMut::new(), sink());
        while next(&mut reader, &mut buffer).await.is_some_and(|it| it.kind != Kind::HEADERS) {}
        let write = async {
            writer.write_all(&self.answer).await?;
            for _ in 0..1_000 {
                writer.write_all(&self.again).await?;
            }
            if !self.hangs_up {
                std::future::pending::<()>().await;
            }
            Ok(())
        };
        tokio::select! {
            result = write => result,
            result = copy(&mut reader, &mut nowhere) => result.map(|_| ()),
        }
    }
}

/// The headers of an answer.
fn head(stream: u32) -> Frame {
    let block = fields(&[(":status", "200"), ("content-type", "application/grpc")]);
    Frame::headers(stream, block, false)
}

/// The end of an answer.
fn tail(stream: u32) -> Frame {
    Frame::headers(stream, fields(&[("grpc-status", "0")]), true)
}

/// The text "hi".
fn message() -> Frame {
    Frame::data(1, framed(b"\x0a\x02hi"), false)
}

/// A whole answer.
fn answer() -> [Frame; 3] {
    [head(1), message(), tail(1)]
}

/// What a caller makes of it, who waits for as long as it takes.
async fn outcome(script: Script) -> Result<String, Status> {
    let client = connect(script.listen().await).await?;
    bounded(client.echo("hello".to_owned())).await
}

#[tokio::test]
async fn an_answer_within_the_rules_is_an_answer() {
    assert_eq!(outcome(Script::answers(answer())).await.unwrap(), "hi");
}

#[tokio::test]
async fn a_server_that_is_killed_is_unavailable_after_its_messages() {
    let mut server = Process::start(1_000, &["serve"]);
    let client = connect(server.line().await.parse().unwrap()).await.unwrap();
    let mut pieces = client.pour();
    for _ in 0..3 {
        assert_eq!(bounded(pieces.message()).await.unwrap().unwrap().len(), 1024);
    }
    server.kill().await;
    // What was on its way arrives.
    let status = bounded(async {
        loop {
            match pieces.message().await {
                Ok(piece) => assert_eq!(piece.expect("no end in peace").len(), 1024),
                Err(status) => return status,
            }
        }
    })
    .await;
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let status = bounded(client.echo("hello".to_owned())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}

#[tokio::test]
async fn a_goaway_lets_the_call_that_it_names_go_on() {
    for reason in [Reason::NO_ERROR, Reason::ENHANCE_YOUR_CALM] {
        let script = Script::answers(once(Frame::goaway(1, reason, b"soon")).chain(answer()));
        assert_eq!(outcome(script).await.unwrap(), "hi");
    }
}

#[tokio::test]
async fn a_call_that_a_goaway_leaves_out_is_unavailable() {
    for reason in [Reason::NO_ERROR, Reason::ENHANCE_YOUR_CALM] {
        let script = Script::answers([Frame::goaway(0, reason, b"not yours")]);
        let status = outcome(script).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
}

#[tokio::test]
async fn a_goaway_and_a_closed_connection_in_mid_call_are_unavailable() {
    for reason in [Reason::NO_ERROR, Reason::INTERNAL_ERROR] {
        for so_far in [vec![], vec![head(1)], vec![head(1), message()]] {
            let answer = so_far.into_iter().chain([Frame::goaway(1, reason, b"")]);
            let script = Script { hangs_up: true, ..Script::answers(answer) };
            let status = outcome(script).await.unwrap_err();
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        }
    }
}

/// The table of the gRPC specification, "HTTP2 Transport Mapping, Errors".
#[tokio::test]
async fn a_reset_has_the_code_of_its_reason() {
    for (reason, code) in [
        (Reason::NO_ERROR, Code::Internal),
        (Reason::PROTOCOL_ERROR, Code::Internal),
        (Reason::INTERNAL_ERROR, Code::Internal),
        (Reason::FLOW_CONTROL_ERROR, Code::Internal),
        (Reason::FRAME_SIZE_ERROR, Code::Internal),
        (Reason::REFUSED_STREAM, Code::Unavailable),
        (Reason::CANCEL, Code::Cancelled),
        (Reason::ENHANCE_YOUR_CALM, Code::ResourceExhausted),
        (Reason::INADEQUATE_SECURITY, Code::PermissionDenied),
    ] {
        for so_far in [None, Some(head(1))] {
            let answer = so_far.into_iter().chain([Frame::rst_stream(1, reason)]);
            let status = outcome(Script::answers(answer)).await.unwrap_err();
            assert_eq!(status.code(), code, "reason {reason}: {status:?}");
        }
    }
}

#[tokio::test]
async fn what_is_not_http_2_is_unavailable() {
    for (greeting, hangs_up) in [
        (b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".to_vec(), true),
        (b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".to_vec(), false),
        (b"\x15\x03\x01\x00\x02\x02\x0a".to_vec(), true),
        (noise(100_000), false),
    ] {
        let status = outcome(Script { greeting, hangs_up, ..Script::default() }).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
}

/// What cannot be one call's fault alone ends the connection, for all of its calls.
#[tokio::test]
async fn frames_against_the_rules_lose_the_connection() {
    let promise = [&2_u32.to_be_bytes(), &call("Echo")[..]].concat();
    for script in [
        Script { answer: noise(100_000), ..Script::answers([]) },
        Script::answers([Frame::data(1, vec![0; MAX_FRAME_SIZE + 1], false)]),
        Script::answers([Frame::data(1, vec![0; 5], false)]),
        Script::answers([Frame::new(Kind::PUSH_PROMISE, flags::END_HEADERS, 1, promise)]),
        Script::answers([Frame::headers(99, fields(&[(":status", "200")]), false)]),
        Script::answers([Frame::window_update(0, WIDE_OPEN)]),
    ] {
        let what = format!("{:?}", &script.answer[..9]);
        let status = outcome(script).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{what}: {status:?}");
        assert!(status.message().starts_with("the connection to 127.0.0.1:"), "{status:?}");
    }
}

#[tokio::test]
async fn an_answer_against_the_rules_is_an_internal_error() {
    let large = [fields(&[(":status", "200")]), fields(&[("x", &"y".repeat(30_000))])].concat();
    for script in [
        Script::answers([Frame::headers(1, fields(&[("grpc-status", "0")]), false)]),
        Script::answers(begin_with(1, &large)),
        Script::answers([head(1), head(1), message(), tail(1)]),
    ] {
        let what = format!("{:?}", &script.answer[..9]);
        let status = outcome(script).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{what}: {status:?}");
    }
}

#[tokio::test]
async fn pings_and_settings_without_number_do_not_keep_an_answer_away() {
    let settings = Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 7)]);
    for flood in [Frame::ping(*b"and more", false), settings] {
        let script = Script::answers(repeat_n(flood, 20_000).chain(answer()));
        assert_eq!(outcome(script).await.unwrap(), "hi");
    }
}

#[tokio::test]
async fn a_server_that_gets_nowhere_is_left_at_the_deadline() {
    let wishing = |wish| {
        let greeting = bytes([Frame::settings(&[wish]), Frame::settings_ack()]);
        Script { greeting, ..Script::default() }
    };
    let early_hint = Frame::headers(1, fields(&[(":status", "103")]), false);
    for script in [
        Script::default(),
        Script::answers([]),
        Script::answers([head(1)]),
        Script::answers(repeat_n(early_hint, 10_000)),
        wishing((Setting::INITIAL_WINDOW_SIZE, 0)),
        wishing((Setting::MAX_CONCURRENT_STREAMS, 0)),
    ] {
        let client = connect_lazy(script.listen().await);
        let client = client.with(CallOptions::new().timeout(Duration::from_millis(200)));
        let status = bounded(client.echo("hello".to_owned())).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    }
}

/// Half a message, and a status that says that all went well.
#[tokio::test]
async fn a_stream_that_ends_within_a_message_is_an_error() {
    let piece = framed(b"\x0a\x04half");
    let half = piece[..9].to_vec();
    let cut = [head(1), Frame::data(1, piece, false), Frame::data(1, half, false), tail(1)];
    let client = connect(Script::answers(cut).listen().await).await.unwrap();
    let mut pieces = client.pour();
    assert_eq!(bounded(pieces.message()).await.unwrap().unwrap(), b"half");
    let status = bounded(pieces.message()).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal, "{status:?}");
}

/// The caller is a process of its own, whose memory has a ceiling.
#[tokio::test]
async fn an_answer_without_end_is_refused_before_it_fills_the_memory() {
    /// In mebibytes, the program included.
    const CEILING: u64 = 24;
    const LARGEST: u32 = 4 << 20;
    let status = fields(&[(":status", "200")]);
    let large = fields(&[("x", &"y".repeat(MAX_FRAME_SIZE - 100))]);
    let prefix = |length: u32| [&[0], &length.to_be_bytes()[..]].concat();
    let data = |bytes: Vec<u8>| Frame::data(1, bytes, false);
    let compressed_answer = {
        let gzip = [("content-type", "application/grpc"), ("grpc-encoding", "gzip")];
        let block = [status.clone(), fields(&gzip)].concat();
        let body = compressed(16 << 20).await;
        let chunks = body.chunks(MAX_FRAME_SIZE).map(|chunk| data(chunk.to_vec()));
        Script::answers(once(Frame::headers(1, block, false)).chain(chunks))
    };
    let answers = |answer: Vec<Frame>, again: Vec<Frame>| {
        let again = bytes(again);
        Script { again, ..Script::answers(answer) }
    };
    let headers = |block| vec![Frame::new(Kind::HEADERS, 0, 1, block)];
    let more = |block: Vec<u8>| vec![Frame::new(Kind::CONTINUATION, 0, 1, block)];
    let body = |length| vec![head(1), data(prefix(length))];
    let full = vec![data(vec![0; MAX_FRAME_SIZE])];
    let early_hint = Frame::headers(1, fields(&[(":status", "103")]), false);
    let hints = answers(vec![], vec![early_hint; 100]);
    // In one write: a caller who keeps up with them has no need to end this.
    let single_bytes = body(LARGEST).into_iter().chain(repeat_n(data(vec![0]), 100_000));
    let bomb = [&status[..], &bomb(10_000)].concat();
    let (calm, lost) = ("ResourceExhausted", "Unavailable");
    let rows = [
        ("headers", answers(headers(status.clone()), more(large)), lost),
        ("no headers", answers(headers(status), more(vec![])), lost),
        ("a bomb of headers", Script::answers(begin_with(1, &bomb)), lost),
        ("a bomb", compressed_answer, calm),
        ("no bytes", answers(body(LARGEST), vec![data(vec![])]), lost),
        ("single bytes", Script::answers(single_bytes), lost),
        ("a long message", answers(body(u32::MAX), full), calm),
        ("messages", answers(vec![head(1)], vec![message()]), "Unimplemented"),
        ("hints", Script { hangs_up: true, ..hints }, "Unavailable"),
    ];
    for (what, script, code) in rows {
        let uri = format!("http://{}", script.listen().await);
        let mut caller = Process::start(1_000, &["call", &uri]);
        let line = caller.line().await;
        assert!(line.starts_with(code), "{what}: {line}");
        let peak = caller.peak_memory();
        assert!(peak <= CEILING, "{what}: {peak} MiB");
    }
}
