//! How calls and connections end, by the server's will, by accident, and by ours.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use traitwire::Code;
use wire::frame::{Frame, Kind, Reason, Setting, flags};

use super::peer::{
    BOTH, Call, Peer, UNARY, assert_idle, connect, connect_over, message, open, opened, soon,
    stands_still,
};
use crate::{CallOptions, ClientConn, ConnOptions, SendError};

const UNLIMITED: i64 = u32::MAX as i64;
/// What is left of the connection's window after the "hello" of [`opened`].
const AFTER_HELLO: i64 = 65_535 - 12;

async fn received(call: &mut Call) -> Result<Option<String>, Code> {
    soon(call.recv_msg()).await.map_err(|status| status.code())
}

/// The call gets its answer, and nothing behind it.
async fn answered(call: &mut Call) {
    assert_eq!(received(call).await, Ok(Some("answer".to_owned())));
    assert_eq!(received(call).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_reset_ends_the_call_after_what_came_before() {
    let codes = [
        (Reason::NO_ERROR, Code::Internal),
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

#[tokio::test(start_paused = true)]
async fn a_goaway_in_two_phases_lets_through_what_was_on_its_way() {
    let (conn, mut peer) = connect(&[(Setting::MAX_CONCURRENT_STREAMS, 2)]).await;
    let mut one = opened(&conn, &mut peer).await;
    let mut two = opened(&conn, &mut peer).await;
    // A call that waits until another stream ends.
    let waiting = tokio::spawn({
        let conn = conn.clone();
        async move {
            let opened = conn.new_client_stream::<String, String>(BOTH, CallOptions::default());
            opened.await.unwrap_err().code()
        }
    });
    assert!(stands_still(peer.next()).await);
    let ping = Frame::ping([1, 6, 1, 8, 0, 3, 3, 9], false);
    peer.send([Frame::goaway((1 << 31) - 1, Reason::NO_ERROR, b""), ping]).await;
    assert_eq!(peer.next().await.flags, flags::ACK);
    assert_eq!(soon(waiting).await.unwrap(), Code::Unavailable);
    let refused = conn.new_client_stream::<String, String>(BOTH, CallOptions::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);

    peer.send([Frame::goaway(1, Reason::NO_ERROR, b"")]).await;
    assert_eq!(received(&mut two).await, Err(Code::Unavailable));
    one.send_msg(&"more".to_owned()).await.unwrap();
    assert_eq!(peer.expect_data().await.0, 1);
    let answer = peer.answer(1, "answer");
    peer.send(answer).await;
    answered(&mut one).await;
    assert_eq!(peer.expect_goaway().await, Reason::NO_ERROR, "there is nothing left to do");
    soon(conn.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn what_has_arrived_is_read_when_nothing_can_be_written() {
    let (conn, mut peer) = connect(&[]).await;
    let mut one = opened(&conn, &mut peer).await;
    let mut two = opened(&conn, &mut peer).await;
    // More than the writer yields for, so that it is the first to find out.
    two.send_msg(&"x".repeat(2000)).await.unwrap();
    let answer = peer.answer(1, "answer");
    peer.send(answer).await;
    peer.send([Frame::goaway(3, Reason::ENHANCE_YOUR_CALM, b"too_many_pings")]).await;
    peer.vanish();
    answered(&mut one).await;
    let status = soon(two.recv_msg()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("ENHANCE_YOUR_CALM, \"too_many_pings\""), "{status:?}");
    soon(conn.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_and_has_no_end_is_not_waited_for() {
    let (read, mut says) = tokio::io::duplex(1000);
    let (write, hears) = tokio::io::duplex(1000);
    says.write_all(&Frame::settings(&[]).to_bytes()).await.unwrap();
    let io = tokio::io::join(read, write);
    let conn = ClientConn::handshake(io, "test", ConnOptions::default()).await.unwrap();
    drop(hears);
    let mut call = open(&conn, BOTH).await;
    assert_eq!(received(&mut call).await, Err(Code::Unavailable));
    let refused = conn.new_client_stream::<String, String>(BOTH, CallOptions::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
    soon(conn.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_anywhere_is_whole_or_unavailable() {
    let (_, mut scribe) = Peer::pipe(1);
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
async fn a_unary_answer_is_exactly_one_message() {
    for texts in [&[][..], &["one", "two"]] {
        let (conn, mut peer) = connect(&[]).await;
        let sent = "hello".to_owned();
        let call = conn.invoke::<_, String>(UNARY, &sent, CallOptions::default());
        let serve = async {
            peer.expect_messages(1).await;
            let (header, trailers) = (peer.header(1), peer.trailers(1, "0"));
            let data = texts.iter().map(|text| Frame::data(1, message(text), false));
            peer.send([header].into_iter().chain(data).chain([trailers])).await;
        };
        let (answer, ()) = soon(async { tokio::join!(call, serve) }).await;
        assert_eq!(answer.unwrap_err().code(), Code::Unimplemented);
        assert_idle(&conn, UNLIMITED, AFTER_HELLO).await;
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_connection_says_goodbye_and_cancels_its_calls() {
    let (conn, mut peer) = connect(&[]).await;
    let mut call = opened(&conn, &mut peer).await;
    drop(opened(&conn, &mut peer).await);
    assert_eq!(peer.expect_reset(3).await, Reason::CANCEL);
    drop(conn);
    assert_eq!(received(&mut call).await, Err(Code::Cancelled));
    assert_eq!(peer.expect_goaway().await, Reason::NO_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_holds_up_neither_callers_nor_the_end() {
    let (conn, mut peer) = connect_over(1000, &[(Setting::INITIAL_WINDOW_SIZE, 1 << 30)]).await;
    peer.send([Frame::window_update(0, 1 << 30)]).await;
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
    while !stands_still(async { drop(open(&conn, BOTH).await) }).await {
        begun += 1;
        assert!(begun <= 100, "{begun} were begun");
    }
    let asked = tokio::spawn({
        let conn = conn.clone();
        async move { conn.quotas().await }
    });
    soon(conn.close()).await;
    assert_eq!(soon(asked).await.unwrap(), None, "nobody is left to answer");
    assert_eq!(peer.expect(Kind::HEADERS).await.stream, 1, "what was in the pipe");
}
