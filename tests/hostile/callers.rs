//! Our client against servers that are hostile, or die.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
};
use traitwire::{Code, Status};

use crate::{
    arena::{Process, bounded, connect},
    bytes::{compressed, framed, noise},
    floods::bomb,
    frames::{
        ACK, CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM,
        FLOW_CONTROL_ERROR, FRAME, FRAME_SIZE_ERROR, Frame, HEADERS, INADEQUATE_SECURITY,
        INITIAL_WINDOW_SIZE, INTERNAL_ERROR, NO_ERROR, PREFACE, PROTOCOL_ERROR, PUSH_PROMISE,
        REFUSED_STREAM, SETTINGS, WIDE_OPEN, begin_with, call, fields, frame, goaway, ping, reset,
        settings, window_update,
    },
    service::Prey,
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
    fn answers(answer: impl Into<Vec<u8>>) -> Self {
        let greeting = [settings(&[]), frame(SETTINGS, ACK, 0, &[])].concat();
        Self { greeting, answer: answer.into(), ..Self::default() }
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
        while Frame::read(&mut reader).await?.kind != HEADERS {}
        let mut nowhere = sink();
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
fn head(stream: u32) -> Vec<u8> {
    let block = fields(&[(":status", "200"), ("content-type", "application/grpc")]);
    frame(HEADERS, END_HEADERS, stream, &block)
}

/// The end of an answer.
fn tail(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields(&[("grpc-status", "0")]))
}

/// The text "hi".
fn message() -> Vec<u8> {
    frame(DATA, 0, 1, &framed(b"\x0a\x02hi"))
}

/// A whole answer.
fn answer() -> Vec<u8> {
    [head(1), message(), tail(1)].concat()
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
    for reason in [NO_ERROR, ENHANCE_YOUR_CALM] {
        let script = Script::answers([goaway(1, reason, "soon"), answer()].concat());
        assert_eq!(outcome(script).await.unwrap(), "hi");
    }
}

#[tokio::test]
async fn a_call_that_a_goaway_leaves_out_is_unavailable() {
    for reason in [NO_ERROR, ENHANCE_YOUR_CALM] {
        let script = Script::answers(goaway(0, reason, "not yours"));
        let status = outcome(script).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
}

#[tokio::test]
async fn a_goaway_and_a_closed_connection_in_mid_call_are_unavailable() {
    for reason in [NO_ERROR, INTERNAL_ERROR] {
        for so_far in [Vec::new(), head(1), [head(1), message()].concat()] {
            let answer = [so_far, goaway(1, reason, "")].concat();
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
        (PROTOCOL_ERROR, Code::Internal),
        (INTERNAL_ERROR, Code::Internal),
        (FLOW_CONTROL_ERROR, Code::Internal),
        (FRAME_SIZE_ERROR, Code::Internal),
        (REFUSED_STREAM, Code::Unavailable),
        (CANCEL, Code::Cancelled),
        (ENHANCE_YOUR_CALM, Code::ResourceExhausted),
        (INADEQUATE_SECURITY, Code::PermissionDenied),
    ] {
        for so_far in [Vec::new(), head(1)] {
            let script = Script::answers([so_far, reset(1, reason)].concat());
            let status = outcome(script).await.unwrap_err();
            assert_eq!(status.code(), code, "reason {reason}: {status:?}");
        }
    }
}

#[tokio::test]
async fn what_is_not_http_2_is_an_internal_error() {
    for (greeting, hangs_up) in [
        (b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".to_vec(), true),
        (b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".to_vec(), false),
        (b"\x15\x03\x01\x00\x02\x02\x0a".to_vec(), true),
        (noise(100_000), false),
    ] {
        let status = outcome(Script { greeting, hangs_up, ..Script::default() }).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{status:?}");
    }
}

#[tokio::test]
async fn frames_against_the_rules_are_an_internal_error() {
    let promise = [&2_u32.to_be_bytes(), &call("Echo")[..]].concat();
    let large = [fields(&[(":status", "200")]), fields(&[("x", &"y".repeat(30_000))])].concat();
    for answer in [
        noise(100_000),
        frame(DATA, 0, 1, &[0; FRAME + 1]),
        frame(DATA, 0, 1, &[0; 5]),
        frame(PUSH_PROMISE, END_HEADERS, 1, &promise),
        frame(HEADERS, END_HEADERS, 99, &fields(&[(":status", "200")])),
        frame(HEADERS, END_HEADERS, 1, &fields(&[("grpc-status", "0")])),
        window_update(0, WIDE_OPEN),
        begin_with(1, &large),
        [head(1), head(1), message(), tail(1)].concat(),
    ] {
        let what = format!("{:?}", &answer[..9]);
        let status = outcome(Script::answers(answer)).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{what}: {status:?}");
    }
}

#[tokio::test]
async fn pings_and_settings_without_number_do_not_keep_an_answer_away() {
    for flood in [ping(b"and more"), settings(&[(INITIAL_WINDOW_SIZE, 7)])] {
        let script = Script::answers([flood.repeat(20_000), answer()].concat());
        assert_eq!(outcome(script).await.unwrap(), "hi");
    }
}

#[tokio::test]
async fn a_server_that_gets_nowhere_is_left_at_the_deadline() {
    const MAX_CONCURRENT_STREAMS: u16 = 3;
    let wishing = |wish| {
        let greeting = [settings(&[wish]), frame(SETTINGS, ACK, 0, &[])].concat();
        Script { greeting, ..Script::default() }
    };
    let early_hint = frame(HEADERS, END_HEADERS, 1, &fields(&[(":status", "103")]));
    for script in [
        Script::default(),
        Script::answers(Vec::new()),
        Script::answers(head(1)),
        Script::answers(early_hint.repeat(10_000)),
        wishing((INITIAL_WINDOW_SIZE, 0)),
        wishing((MAX_CONCURRENT_STREAMS, 0)),
    ] {
        let client = connect(script.listen().await).await.unwrap();
        let client = client.with_timeout(Duration::from_millis(200));
        let status = bounded(client.echo("hello".to_owned())).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    }
}

/// Half a message, and a status that says that all went well.
#[tokio::test]
async fn a_stream_that_ends_within_a_message_is_an_error() {
    let piece = framed(b"\x0a\x04half");
    let cut = [head(1), frame(DATA, 0, 1, &piece), frame(DATA, 0, 1, &piece[..9]), tail(1)];
    let client = connect(Script::answers(cut.concat()).listen().await).await.unwrap();
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
    let large = fields(&[("x", &"y".repeat(FRAME - 100))]);
    let prefix = |length: u32| [&[0], &length.to_be_bytes()[..]].concat();
    let compressed_answer = {
        let gzip = [("content-type", "application/grpc"), ("grpc-encoding", "gzip")];
        let block = [status.clone(), fields(&gzip)].concat();
        let body = compressed(16 << 20).await;
        let data = body.chunks(FRAME).flat_map(|chunk| frame(DATA, 0, 1, chunk));
        [frame(HEADERS, END_HEADERS, 1, &block), data.collect()].concat()
    };
    let answers = |answer: Vec<u8>, again: Vec<u8>| Script { again, ..Script::answers(answer) };
    let headers = frame(HEADERS, 0, 1, &status);
    let body = |length| [head(1), frame(DATA, 0, 1, &prefix(length))].concat();
    let early_hint = frame(HEADERS, END_HEADERS, 1, &fields(&[(":status", "103")]));
    let hints = answers(Vec::new(), early_hint.repeat(100));
    let bomb = [status, bomb(10_000)].concat();
    let calm = "ResourceExhausted";
    let rows = [
        ("headers", answers(headers.clone(), frame(CONTINUATION, 0, 1, &large)), calm),
        ("no headers", answers(headers, frame(CONTINUATION, 0, 1, &[])), calm),
        ("a bomb of headers", Script::answers(begin_with(1, &bomb)), calm),
        ("a bomb", Script::answers(compressed_answer), calm),
        ("no bytes", answers(body(LARGEST), frame(DATA, 0, 1, &[])), calm),
        ("single bytes", answers(body(LARGEST), frame(DATA, 0, 1, &[0]).repeat(100)), calm),
        ("a long message", answers(body(u32::MAX), frame(DATA, 0, 1, &[0; FRAME])), "OutOfRange"),
        ("messages", answers(head(1), message()), "Unimplemented"),
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
