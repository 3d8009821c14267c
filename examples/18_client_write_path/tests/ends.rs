//! How calls and connections end, by the server's will, by accident, and by ours.

use std::time::Duration;

use tokio::task::JoinHandle;
use traitwire::Code;
use wire::frame::{Frame, Kind, Reason, Setting};

use super::peer::{
    BOTH, Call, UNARY, assert_idle, connect, message, open, opened, soon, stands_still,
};
use crate::{CallOptions, ClientConn, SendError};

const UNLIMITED: i64 = u32::MAX as i64;
/// What is left of the connection's window after the "hello" of [`opened`].
const AFTER_HELLO: i64 = 65_535 - 12;

async fn received(call: &mut Call) -> Result<Option<String>, Code> {
    soon(call.recv_msg()).await.map_err(|status| status.code())
}

#[tokio::test(start_paused = true)]
async fn a_reset_ends_the_call_after_what_came_before() {
    let codes = [
        (Reason::NO_ERROR, Code::Internal),
        (Reason::PROTOCOL_ERROR, Code::Internal),
        (Reason::INTERNAL_ERROR, Code::Internal),
        (Reason::REFUSED_STREAM, Code::Unavailable),
        (Reason::CANCEL, Code::Cancelled),
        (Reason::ENHANCE_YOUR_CALM, Code::ResourceExhausted),
        (Reason::INADEQUATE_SECURITY, Code::PermissionDenied),
        (Reason(99), Code::Unknown),
    ];
    for (reason, code) in codes {
        let (conn, mut peer) = connect(&[]).await;
        let mut call = opened(&conn, &mut peer).await;
        let header = peer.header(1);
        let data = Frame::data(1, message("one"), false);
        peer.send([header, data, Frame::rst_stream(1, reason)]).await;
        assert_eq!(received(&mut call).await, Ok(Some("one".to_owned())), "{reason}");
        assert_eq!(received(&mut call).await, Err(code), "{reason}");
        assert_eq!(received(&mut call).await, Err(code), "{reason}, once more");
        assert_eq!(call.is_unprocessed(), reason == Reason::REFUSED_STREAM);
        let sent = call.send_msg(&"more".to_owned()).await;
        assert!(matches!(sent, Err(SendError::EndOfStream)), "{reason}");
        assert_idle(&conn, UNLIMITED, AFTER_HELLO).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_frees_a_sender_that_waits() {
    let (conn, mut peer) = connect(&[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    let mut call = open(&conn, BOTH).await;
    call.send_msg(&"x".repeat(100_000)).await.unwrap();
    let next = "next".to_owned();
    let reset = async {
        peer.expect(Kind::HEADERS).await;
        peer.send([Frame::rst_stream(1, Reason::CANCEL)]).await;
    };
    let (sent, ()) = soon(async { tokio::join!(call.send_msg(&next), reset) }).await;
    assert!(matches!(sent, Err(SendError::EndOfStream)));
    assert_idle(&conn, UNLIMITED, 65_535).await;
}

/// A call that waits until another stream ends.
async fn waits_for_quota(conn: &ClientConn) -> JoinHandle<Result<(), Code>> {
    let conn = conn.clone();
    let mut waiting = tokio::spawn(async move {
        let opened = conn.new_client_stream::<String, String>(BOTH, CallOptions::default()).await;
        opened.map(drop).map_err(|status| status.code())
    });
    assert!(stands_still(&mut waiting).await);
    waiting
}

#[tokio::test(start_paused = true)]
async fn a_goaway_ends_what_the_server_did_not_look_at_and_nothing_else() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 3)]).await;
    let mut calls = Vec::new();
    for _ in 0..3 {
        calls.push(opened(&conn, &mut peer).await);
    }
    // One that waits for quota ends too.
    let waiting = waits_for_quota(&conn).await;
    peer.send([Frame::goaway(3, Reason::NO_ERROR, b"")]).await;
    let [one, two, three] = &mut calls[..] else { panic!() };
    assert_eq!(received(three).await, Err(Code::Unavailable));
    assert!(three.is_unprocessed());
    assert_eq!(soon(waiting).await.unwrap(), Err(Code::Unavailable));
    let refused = conn.new_client_stream::<String, String>(BOTH, CallOptions::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);

    for call in [one, two] {
        call.send_msg(&"more".to_owned()).await.unwrap();
        assert_eq!(peer.expect(Kind::DATA).await.stream, call.id());
        let answer = peer.answer(call.id(), "answer");
        peer.send(answer).await;
        assert_eq!(received(call).await, Ok(Some("answer".to_owned())));
        assert_eq!(received(call).await, Ok(None));
        assert!(!call.is_unprocessed());
    }
    assert_eq!(peer.expect_goaway().await, Reason::NO_ERROR, "there is nothing left to do");
    soon(conn.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn a_goaway_in_two_phases_lets_through_what_was_on_its_way() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 2)]).await;
    let mut one = opened(&conn, &mut peer).await;
    let mut two = opened(&conn, &mut peer).await;
    let waiting = waits_for_quota(&conn).await;
    let ping = Frame::ping([1, 6, 1, 8, 0, 3, 3, 9], false);
    peer.send([Frame::goaway((1 << 31) - 1, Reason::NO_ERROR, b""), ping]).await;
    assert_eq!(peer.expect(Kind::PING).await.flags, wire::frame::flags::ACK);
    assert_eq!(soon(waiting).await.unwrap(), Err(Code::Unavailable));
    let refused = conn.new_client_stream::<String, String>(BOTH, CallOptions::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);

    peer.send([Frame::goaway(1, Reason::NO_ERROR, b"")]).await;
    assert_eq!(received(&mut two).await, Err(Code::Unavailable));
    assert!(two.is_unprocessed());
    let answer = peer.answer(1, "answer");
    peer.send(answer).await;
    assert_eq!(received(&mut one).await, Ok(Some("answer".to_owned())));
    assert_eq!(received(&mut one).await, Ok(None));
    assert_eq!(peer.expect_goaway().await, Reason::NO_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_goaway_with_a_reason_says_it_when_the_connection_is_cut() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    peer.send([Frame::goaway(1, Reason::ENHANCE_YOUR_CALM, b"too_many_pings")]).await;
    peer.vanish();
    let status = soon(call.recv_msg()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("ENHANCE_YOUR_CALM, \"too_many_pings\""), "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_anywhere_is_whole_or_unavailable() {
    let (_, mut scribe) = super::peer::Peer::pipe(1);
    let frames = scribe.answer(1, "answer").map(|frame| frame.to_bytes());
    let whole = frames.concat();
    let message_ends = whole.len() - frames[2].len();
    for cut in 0..=whole.len() {
        let (conn, mut peer) = connect(&[]).await;
        let mut call = opened(&conn, &mut peer).await;
        peer.write(&whole[..cut]).await;
        peer.vanish();
        if cut >= message_ends {
            assert_eq!(received(&mut call).await, Ok(Some("answer".to_owned())), "{cut}");
        }
        let end = if cut == whole.len() { Ok(None) } else { Err(Code::Unavailable) };
        assert_eq!(received(&mut call).await, end, "{cut}");
        soon(conn.closed()).await;
        assert_eq!(conn.quotas().await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ends_in_the_middle_is_an_error() {
    for cut in [1, 4, 5, 7] {
        let (conn, mut peer) = connect(&[]).await;
        let mut call = opened(&conn, &mut peer).await;
        let (header, trailers) = (peer.header(1), peer.trailers(1, "0"));
        let piece = message("answer")[..cut].to_vec();
        peer.send([header, Frame::data(1, piece, false), trailers]).await;
        assert_eq!(received(&mut call).await, Err(Code::Internal), "{cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unary_answer_is_exactly_one_message() {
    for texts in [&[][..], &["one", "two"]] {
        let (conn, mut peer) = connect(&[]).await;
        let sent = "hello".to_owned();
        let call = conn.invoke::<_, String>(UNARY, &sent, CallOptions::default());
        let serve = async {
            peer.expect_messages(1).await;
            let (header, trailers) = (peer.header(1), peer.trailers(1, "0"));
            let data = texts.iter().map(|text| Frame::data(1, message(text), false));
            let frames: Vec<_> = [header].into_iter().chain(data).chain([trailers]).collect();
            peer.send(frames).await;
        };
        let (answer, ()) = soon(async { tokio::join!(call, serve) }).await;
        assert_eq!(answer.unwrap_err().code(), Code::Unimplemented);
        assert_idle(&conn, UNLIMITED, AFTER_HELLO).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_trailers_alone_is_a_status() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let fields = [
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", "5"),
        ("grpc-message", "no%20order%20%F0%9F%98%88%"),
        ("grpc-status-details-bin", "!!!"),
        ("x-own", "value"),
    ];
    let block = peer.block(&fields);
    peer.send([Frame::headers(1, block, true)]).await;
    let status = soon(call.recv_msg()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().starts_with("no order \u{1f608}%"), "{status:?}");
    assert_eq!(status.metadata().get("x-own").unwrap(), "value");
    assert_eq!(call.trailer().unwrap().get("x-own").unwrap(), "value");
    // The call had not ended its half.
    assert_eq!(peer.expect_reset(1).await, Reason::NO_ERROR);
}

#[tokio::test(start_paused = true)]
async fn an_informational_header_is_passed_over() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let block = peer.block(&[(":status", "103")]);
    peer.send([Frame::headers(1, block, false)]).await;
    let answer = peer.answer(1, "answer");
    peer.send(answer).await;
    assert_eq!(received(&mut call).await, Ok(Some("answer".to_owned())));
    assert_eq!(received(&mut call).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_connection_says_goodbye_and_cancels_its_calls() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    let clone = conn.clone();
    drop(conn);
    assert_idle_but_open(&clone).await;
    drop(clone);
    assert_eq!(received(&mut call).await, Err(Code::Cancelled));
    assert_eq!(peer.expect_goaway().await, Reason::NO_ERROR);
}

async fn assert_idle_but_open(conn: &ClientConn) {
    assert_eq!(soon(conn.quotas()).await.unwrap().active_streams, 1);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_holds_up_neither_callers_nor_the_end() {
    let (conn, mut peer) = {
        let (client, mut peer) = super::peer::Peer::pipe(1000);
        let begin = async {
            peer.read_preface().await;
            let window = Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 30)]);
            peer.send([window, Frame::window_update(0, 1 << 30)]).await;
        };
        let handshake = ClientConn::handshake(client, "test", Default::default());
        let (conn, ()) = soon(async { tokio::join!(handshake, begin) }).await;
        (conn.unwrap(), peer)
    };
    let options = CallOptions { timeout: Some(Duration::from_secs(3)), ..CallOptions::default() };
    let mut call: Call = soon(conn.new_client_stream(BOTH, options)).await.unwrap();
    let mut sent = 0;
    while call.send_msg(&"x".repeat(10_000)).await.is_ok() {
        sent += 1;
    }
    // 64 KiB of quota, one message more, and what was written into the pipe and the buffer.
    assert!((7..20).contains(&sent), "{sent} messages were queued");
    assert_eq!(received(&mut call).await, Err(Code::DeadlineExceeded));

    // Calls that come and go do not fill the queue either.
    let mut begun = 0;
    for _ in 0..1000 {
        let call = conn.new_client_stream::<String, String>(BOTH, CallOptions::default());
        if stands_still(async { drop(call.await.expect("a stream")) }).await {
            break;
        }
        begun += 1;
    }
    assert!(begun <= 100, "{begun} were begun");

    soon(conn.close()).await;
    assert_eq!(peer.expect(Kind::HEADERS).await.stream, 1);
}
