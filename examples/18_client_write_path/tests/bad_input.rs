//! What a server must not send: each ends the stream or the connection, with the reason that the RFC
//! has for it, and the calls get a status.

use bytes::Bytes;
use traitwire::Code;
use wire::frame::{Frame, Kind, MAX_FRAME_SIZE, Reason, Setting, flags};

use super::peer::{Call, Peer, assert_idle, connect, message, opened, soon};
use crate::{ClientConn, ConnOptions};

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
    let frame = |kind, flags, stream, payload: &[u8]| {
        vec![Frame::new(kind, flags, stream, payload.to_vec())]
    };
    let ends = flags::END_HEADERS;
    let cases: Vec<(&str, R, Vec<Frame>)> = vec![
        ("DATA of no stream", R::PROTOCOL_ERROR, frame(Kind::DATA, 0, 0, b"x")),
        ("HEADERS of no stream", R::PROTOCOL_ERROR, frame(Kind::HEADERS, ends, 0, &[0x88])),
        ("SETTINGS of a stream", R::PROTOCOL_ERROR, frame(Kind::SETTINGS, 0, 1, b"")),
        ("PING of a stream", R::PROTOCOL_ERROR, frame(Kind::PING, 0, 1, &[0; 8])),
        ("a short PING", R::FRAME_SIZE_ERROR, frame(Kind::PING, 0, 0, &[0; 7])),
        ("a short SETTINGS", R::FRAME_SIZE_ERROR, frame(Kind::SETTINGS, 0, 0, &[0; 7])),
        ("a long ACK", R::FRAME_SIZE_ERROR, frame(Kind::SETTINGS, flags::ACK, 0, &[0; 6])),
        ("a short GOAWAY", R::FRAME_SIZE_ERROR, frame(Kind::GOAWAY, 0, 0, &[0; 7])),
        ("a short RST_STREAM", R::FRAME_SIZE_ERROR, frame(Kind::RST_STREAM, 0, 1, &[0; 3])),
        ("a short WINDOW_UPDATE", R::FRAME_SIZE_ERROR, frame(Kind::WINDOW_UPDATE, 0, 1, &[0; 3])),
        ("a window of nothing", R::PROTOCOL_ERROR, frame(Kind::WINDOW_UPDATE, 0, 0, &[0; 4])),
        ("padding of nothing", R::FRAME_SIZE_ERROR, frame(Kind::DATA, flags::PADDED, 1, b"")),
        ("too much padding", R::PROTOCOL_ERROR, frame(Kind::DATA, flags::PADDED, 1, &[9, 0])),
        ("PUSH_PROMISE", R::PROTOCOL_ERROR, frame(Kind::PUSH_PROMISE, ends, 1, &[0, 0, 0, 2])),
        ("CONTINUATION of nothing", R::PROTOCOL_ERROR, frame(Kind::CONTINUATION, ends, 1, b"")),
        ("DATA of a stream to come", R::PROTOCOL_ERROR, frame(Kind::DATA, 0, 3, b"x")),
        ("HEADERS of the server's", R::PROTOCOL_ERROR, frame(Kind::HEADERS, ends, 2, &[0x88])),
        ("RST_STREAM to come", R::PROTOCOL_ERROR, vec![Frame::rst_stream(5, R::CANCEL)]),
        ("WINDOW_UPDATE to come", R::PROTOCOL_ERROR, vec![Frame::window_update(5, 1)]),
        ("a wrong index", R::COMPRESSION_ERROR, frame(Kind::HEADERS, ends, 1, &[0xff, 0xff, 0x7f])),
        ("a cut literal", R::COMPRESSION_ERROR, frame(Kind::HEADERS, ends, 1, &[0x40, 0x0a, b'x'])),
        (
            "a large table",
            R::COMPRESSION_ERROR,
            frame(Kind::HEADERS, ends, 1, &[0x3f, 0xe2, 0x1f, 0x88]),
        ),
        (
            "a frame in a header block",
            R::PROTOCOL_ERROR,
            vec![Frame::new(Kind::HEADERS, 0, 1, vec![0x88]), Frame::ping([0; 8], false)],
        ),
        (
            "another stream in a header block",
            R::PROTOCOL_ERROR,
            vec![
                Frame::new(Kind::HEADERS, 0, 1, vec![0x88]),
                Frame::new(Kind::CONTINUATION, ends, 3, vec![0x88]),
            ],
        ),
        (
            "a push that may be",
            R::PROTOCOL_ERROR,
            vec![Frame::settings(&[(Setting::ENABLE_PUSH, 2)])],
        ),
        (
            "a huge window by SETTINGS",
            R::FLOW_CONTROL_ERROR,
            vec![Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 31)])],
        ),
        (
            "a huge window for a stream by SETTINGS",
            R::FLOW_CONTROL_ERROR,
            vec![
                Frame::window_update(1, 1000),
                Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, (1 << 31) - 1)]),
            ],
        ),
        (
            "a small frame size",
            R::PROTOCOL_ERROR,
            vec![Frame::settings(&[(Setting::MAX_FRAME_SIZE, 100)])],
        ),
        (
            "a huge window of the connection",
            R::FLOW_CONTROL_ERROR,
            vec![Frame::window_update(0, (1 << 31) - 1)],
        ),
        (
            "GOAWAY that takes back",
            R::PROTOCOL_ERROR,
            vec![Frame::goaway(3, R::NO_ERROR, b""), Frame::goaway(5, R::NO_ERROR, b"")],
        ),
        (
            "a frame that is too long",
            R::FRAME_SIZE_ERROR,
            frame(Kind::DATA, 0, 1, &[0; MAX_FRAME_SIZE + 1]),
        ),
    ];
    for (what, reason, frames) in cases {
        ends_the_connection(what, reason, async |peer| peer.send(frames).await).await;
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
async fn frames_that_end_the_stream() {
    use Reason as R;
    let more = Frame::data(1, message("one"), false);
    let end = |data: &[u8]| Frame::data(1, data.to_vec(), true);
    type Make = Box<dyn FnOnce(&mut Peer) -> Vec<Frame>>;
    let of = |fields: &'static [(&'static str, &'static str)]| -> Make {
        Box::new(move |peer| vec![Frame::headers(1, peer.block(fields), false)])
    };
    let cases: Vec<(&str, R, Code, Make)> = vec![
        ("DATA first", R::PROTOCOL_ERROR, Code::Internal, {
            let more = more.clone();
            Box::new(move |_| vec![more])
        }),
        ("a window of nothing", R::PROTOCOL_ERROR, Code::Internal, {
            Box::new(|_| vec![Frame::new(Kind::WINDOW_UPDATE, 0, 1, vec![0; 4])])
        }),
        ("a huge window", R::FLOW_CONTROL_ERROR, Code::Internal, {
            Box::new(|_| vec![Frame::window_update(1, (1 << 31) - 1)])
        }),
        ("PRIORITY cut off", R::FRAME_SIZE_ERROR, Code::Internal, {
            Box::new(|_| vec![Frame::new(Kind::PRIORITY, 0, 1, vec![0; 4])])
        }),
        ("no :status", R::PROTOCOL_ERROR, Code::Internal, of(&[("x-own", "value")])),
        ("a late :status", R::PROTOCOL_ERROR, Code::Internal, {
            of(&[("content-type", "application/grpc"), (":status", "200")])
        }),
        ("an upper case name", R::PROTOCOL_ERROR, Code::Internal, {
            of(&[(":status", "200"), ("X-Own", "value")])
        }),
        ("a newline in a value", R::PROTOCOL_ERROR, Code::Internal, {
            of(&[(":status", "200"), ("x-own", "a\nb")])
        }),
        ("HTTP 404", R::CANCEL, Code::Unimplemented, {
            of(&[(":status", "404"), ("content-type", "text/html")])
        }),
        ("HTTP 503", R::CANCEL, Code::Unavailable, of(&[(":status", "503")])),
        ("not gRPC", R::CANCEL, Code::Unknown, {
            of(&[(":status", "200"), ("content-type", "application/grpcish")])
        }),
        ("two headers", R::PROTOCOL_ERROR, Code::Internal, {
            Box::new(|peer| vec![peer.header(1), peer.header(1)])
        }),
        ("no trailers", R::NO_ERROR, Code::Internal, {
            let end = end(&message("one"));
            Box::new(move |peer| vec![peer.header(1), end])
        }),
        ("a wrong status", R::NO_ERROR, Code::Unknown, {
            Box::new(|peer| vec![peer.header(1), peer.trailers(1, "seven")])
        }),
        ("a wrong flag", R::CANCEL, Code::Internal, {
            Box::new(|peer| vec![peer.header(1), Frame::data(1, vec![2, 0, 0, 0, 0], false)])
        }),
        ("a huge message", R::CANCEL, Code::ResourceExhausted, {
            Box::new(|peer| {
                vec![peer.header(1), Frame::data(1, vec![0, 255, 255, 255, 255], false)]
            })
        }),
        ("compressed by nothing", R::CANCEL, Code::Internal, {
            Box::new(|peer| vec![peer.header(1), Frame::data(1, vec![1, 0, 0, 0, 0], false)])
        }),
        ("not protobuf", R::CANCEL, Code::Internal, {
            Box::new(|peer| vec![peer.header(1), Frame::data(1, vec![0, 0, 0, 0, 1, 255], false)])
        }),
        ("an unknown encoding", R::CANCEL, Code::Unimplemented, {
            of(&[(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "br")])
        }),
        ("more than the window", R::FLOW_CONTROL_ERROR, Code::Internal, {
            Box::new(|peer| {
                let data = Frame::data(1, Bytes::from(vec![0; MAX_FRAME_SIZE]), false);
                [vec![peer.header(1)], vec![data; 5]].concat()
            })
        }),
        ("a header list that is too long", R::PROTOCOL_ERROR, Code::Internal, {
            Box::new(|peer| {
                let value = "x".repeat(16 * 1024);
                let block = peer.block(&[(":status", "200"), ("x-own", &value)]);
                let (first, rest) = block.split_at(MAX_FRAME_SIZE);
                let rest = Frame::new(Kind::CONTINUATION, flags::END_HEADERS, 1, rest.to_vec());
                vec![Frame::new(Kind::HEADERS, 0, 1, first.to_vec()), rest]
            })
        }),
    ];
    for (what, reason, code, make) in cases {
        ends_the_stream(what, reason, code, async |peer| {
            let frames = make(peer);
            peer.send(frames).await;
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_is_ignored() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    drop(opened(&conn, &mut peer).await);
    assert_eq!(peer.expect_reset(3).await, Reason::CANCEL);
    // Frames of kinds and settings to come, and frames of a stream that is over.
    let ignored = [
        Frame::new(Kind(200), 0xff, 7, vec![1, 2, 3]),
        Frame::new(Kind::PRIORITY, 0, 9, vec![0; 5]),
        Frame::settings(&[(Setting(99), 7)]),
        Frame::ping([7; 8], true),
        peer.header(3),
        Frame::data(3, message("late"), false),
        Frame::window_update(3, 10),
        peer.trailers(3, "0"),
        Frame::rst_stream(3, Reason::NO_ERROR),
    ];
    peer.send(ignored).await;
    // The table of header fields went with the server's.
    let answer = peer.answer(1, "answer");
    peer.send(answer).await;
    assert_eq!(soon(call.recv_msg()).await.unwrap().as_deref(), Some("answer"));
    assert_eq!(soon(call.recv_msg()).await.unwrap(), None);
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

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let (client, _peer) = Peer::pipe(1 << 16);
    let conn = soon(ClientConn::handshake(client, "test", ConnOptions::default())).await;
    assert_eq!(conn.unwrap_err().code(), Code::Unavailable);
}
