//! What a server must not send: each ends the stream or the connection, with the reason that the RFC
//! has for it, and the calls get a status.

use traitwire::Code;
use wire::frame::{Frame, Kind, MAX_FRAME_SIZE, Reason, Setting, flags};

use super::peer::{Call, Peer, assert_idle, connect, message, opened, soon};
use crate::{ClientConn, ConnOptions};

type Field<'a> = (&'a str, &'a str);

/// How an answer begins.
const GOOD: [Field; 2] = [(":status", "200"), ("content-type", "application/grpc")];

async fn failed(call: &mut Call) -> Code {
    loop {
        match soon(call.recv_msg()).await {
            Ok(Some(_)) => {}
            Ok(None) => return Code::Ok,
            Err(status) => return status.code(),
        }
    }
}

/// The connection ends with this reason, and the call with UNAVAILABLE.
async fn ends_the_connection(what: &str, reason: Reason, send: impl AsyncFnOnce(&mut Peer)) {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    send(&mut peer).await;
    assert_eq!(failed(&mut call).await, Code::Unavailable, "{what}");
    assert_eq!(peer.expect_goaway().await, reason, "{what}");
    soon(conn.closed()).await;
}

/// The stream ends with this reason and the call with this code; the connection goes on.
async fn ends_the_stream(
    what: &str,
    reason: Reason,
    code: Code,
    send: impl AsyncFnOnce(&mut Peer),
) {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    send(&mut peer).await;
    assert_eq!(failed(&mut call).await, code, "{what}");
    assert_eq!(peer.expect_reset(1).await, reason, "{what}");
    assert_idle(&conn, u32::MAX.into(), 65_535 - 12).await;

    let mut next = opened(&conn, &mut peer).await;
    let answer = peer.answer(3, "answer");
    peer.send(answer).await;
    assert_eq!(failed(&mut next).await, Code::Ok, "{what}");
}

#[tokio::test(start_paused = true)]
async fn frames_that_end_the_connection() {
    use Reason as R;
    let frame =
        |kind, flags, stream, payload: &[u8]| Frame::new(kind, flags, stream, payload.to_vec());
    let window = |size| Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, size)]);
    let (ends, max) = (flags::END_HEADERS, (1 << 31) - 1);
    let begun = frame(Kind::HEADERS, 0, 1, &[0x88]);
    // What is wrong in a frame alone, its reader finds; the first three stand for the others.
    let cases: [(&str, R, &[Frame]); 15] = [
        ("SETTINGS of a stream", R::PROTOCOL_ERROR, &[frame(Kind::SETTINGS, 0, 1, b"")]),
        ("a short PING", R::FRAME_SIZE_ERROR, &[frame(Kind::PING, 0, 0, &[0; 7])]),
        ("too long", R::FRAME_SIZE_ERROR, &[frame(Kind::DATA, 0, 1, &[0; MAX_FRAME_SIZE + 1])]),
        ("PUSH_PROMISE", R::PROTOCOL_ERROR, &[frame(Kind::PUSH_PROMISE, ends, 1, &[0, 0, 0, 2])]),
        ("CONTINUATION of nothing", R::PROTOCOL_ERROR, &[frame(Kind::CONTINUATION, ends, 1, b"")]),
        ("DATA of a stream to come", R::PROTOCOL_ERROR, &[Frame::data(3, "x", false)]),
        ("HEADERS of the server's", R::PROTOCOL_ERROR, &[frame(Kind::HEADERS, ends, 2, &[0x88])]),
        ("WINDOW_UPDATE to come", R::PROTOCOL_ERROR, &[Frame::window_update(5, 1)]),
        ("a wrong index", R::COMPRESSION_ERROR, &[frame(Kind::HEADERS, ends, 1, &[0xff, 0x7f])]),
        (
            "a large table",
            R::COMPRESSION_ERROR,
            &[frame(Kind::HEADERS, ends, 1, &[0x3f, 0xe2, 0x1f, 0x88])],
        ),
        (
            "a frame in a header block",
            R::PROTOCOL_ERROR,
            &[begun.clone(), Frame::ping([0; 8], false)],
        ),
        (
            "another stream in a header block",
            R::PROTOCOL_ERROR,
            &[begun, frame(Kind::CONTINUATION, ends, 3, &[0x88])],
        ),
        (
            "a huge window for a stream by SETTINGS",
            R::FLOW_CONTROL_ERROR,
            &[Frame::window_update(1, 1000), window(max)],
        ),
        ("a huge window", R::FLOW_CONTROL_ERROR, &[Frame::window_update(0, max)]),
        (
            "GOAWAY that takes back",
            R::PROTOCOL_ERROR,
            &[Frame::goaway(3, R::NO_ERROR, b""), Frame::goaway(5, R::NO_ERROR, b"")],
        ),
    ];
    for (what, reason, frames) in cases {
        ends_the_connection(what, reason, async |peer| peer.send(frames.to_vec()).await).await;
    }
}

#[tokio::test(start_paused = true)]
async fn header_blocks_that_do_not_end_are_not_kept() {
    for (what, piece) in [("empty", 0), ("small", 100), ("large", MAX_FRAME_SIZE)] {
        ends_the_connection(what, Reason::ENHANCE_YOUR_CALM, async |peer| {
            let mut kind = Kind::HEADERS;
            for _ in 0..20 {
                peer.send([Frame::new(kind, 0, 1, vec![0x88; piece])]).await;
                kind = Kind::CONTINUATION;
            }
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn headers_that_end_the_stream() {
    use Reason as R;
    let [ok, grpc] = GOOD;
    let long = ("x-own", &*"x".repeat(MAX_FRAME_SIZE - 100));
    let cases: [(&str, R, Code, &[Field]); 9] = [
        ("no :status", R::PROTOCOL_ERROR, Code::Internal, &[("x-own", "value")]),
        ("a late :status", R::PROTOCOL_ERROR, Code::Internal, &[grpc, ok]),
        ("an upper case name", R::PROTOCOL_ERROR, Code::Internal, &[ok, ("X-Own", "value")]),
        ("a newline in a value", R::PROTOCOL_ERROR, Code::Internal, &[ok, ("x-own", "a\nb")]),
        ("a long list", R::PROTOCOL_ERROR, Code::Internal, &[ok, long, long]),
        ("HTTP 404", R::CANCEL, Code::Unimplemented, &[(":status", "404"), grpc]),
        ("HTTP 503", R::CANCEL, Code::Unavailable, &[(":status", "503")]),
        ("not gRPC", R::CANCEL, Code::Unknown, &[ok, ("content-type", "application/grpcish")]),
        (
            "an unknown encoding",
            R::CANCEL,
            Code::Unimplemented,
            &[ok, grpc, ("grpc-encoding", "br")],
        ),
    ];
    for (what, reason, code, fields) in cases {
        ends_the_stream(what, reason, code, async |peer| peer.send_block(fields).await).await;
    }
}

#[tokio::test(start_paused = true)]
async fn frames_that_end_the_stream() {
    use Reason as R;
    let data = |data: &[u8]| vec![Frame::data(1, data.to_vec(), false)];
    let too_much = vec![Frame::data(1, vec![0; MAX_FRAME_SIZE], false); 5];
    let cases = [
        ("no trailers", R::NO_ERROR, Code::Internal, vec![Frame::data(1, message("one"), true)]),
        ("a wrong flag", R::CANCEL, Code::Internal, data(&[2, 0, 0, 0, 0])),
        ("a huge message", R::CANCEL, Code::ResourceExhausted, data(&[0, 255, 255, 255, 255])),
        ("compressed by nothing", R::CANCEL, Code::Internal, data(&[1, 0, 0, 0, 0])),
        ("not protobuf", R::CANCEL, Code::Internal, data(&[0, 0, 0, 0, 1, 255])),
        ("more than the window", R::FLOW_CONTROL_ERROR, Code::Internal, too_much),
        ("a huge window", R::FLOW_CONTROL_ERROR, Code::Internal, {
            vec![Frame::window_update(1, (1 << 31) - 1)]
        }),
    ];
    for (what, reason, code, frames) in cases {
        ends_the_stream(what, reason, code, async |peer| {
            peer.send_block(&GOOD).await;
            peer.send(frames).await;
        })
        .await;
    }
    ends_the_stream("DATA first", R::PROTOCOL_ERROR, Code::Internal, async |peer| {
        peer.send(data(b"x")).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_begin_as_one_is_refused() {
    let cases: [(&str, Vec<u8>); 5] = [
        ("HTTP/1.1", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("not SETTINGS", Frame::ping([0; 8], false).to_bytes().to_vec()),
        ("an ACK", Frame::settings_ack().to_bytes().to_vec()),
        ("malformed", Frame::new(Kind::SETTINGS, 0, 0, vec![0; 5]).to_bytes().to_vec()),
        ("nothing", Vec::new()),
    ];
    for (what, bytes) in cases {
        let (client, mut peer) = Peer::pipe(1 << 16);
        let handshake = ClientConn::handshake(client, "test", ConnOptions::default());
        let begin = async {
            peer.write(&bytes).await;
            peer.vanish();
        };
        let (conn, ()) = soon(async { tokio::join!(handshake, begin) }).await;
        assert_eq!(conn.unwrap_err().code(), Code::Unavailable, "{what}");
    }
}
