//! The four shapes, against a server on a socket.

use std::time::Duration;

use traitwire::{Code, Server, Status, Stream, StreamExt, Streaming, stream_fn};
use wire::frame::Reason;

use super::peer::{BOTH, CLIENT, Call, Echo, EchoServer, SERVER, UNARY, connect, open, soon};
use crate::{CallOptions, ClientConn, ConnOptions, SendError};

/// Answers with what it gets; with an error, when that is told to it.
struct Echoes;

impl Echo for Echoes {
    async fn unary(&self, text: String) -> Result<String, Status> {
        match text.strip_prefix("fail ") {
            Some(why) => Err(Status::failed_precondition(why)),
            None => Ok(text),
        }
    }

    fn server(&self, text: String) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async move |mut out| {
            for word in text.split(' ') {
                out.send(word.to_owned()).await?;
            }
            Ok(())
        })
    }

    async fn client(&self, mut texts: Streaming<String>) -> Result<String, Status> {
        let mut all = String::new();
        while let Some(text) = texts.message().await? {
            if text == "stop" {
                break;
            }
            all += &text;
        }
        Ok(all)
    }

    fn both(&self, texts: Streaming<String>) -> impl Stream<Item = Result<String, Status>> {
        texts.map(|text| text.map(|text| text.to_uppercase()))
    }
}

/// Serves, and calls.
async fn with_server(test: impl AsyncFnOnce(ClientConn)) {
    let serve = async |socket: workbook::Socket| {
        let service = EchoServer::new(Echoes);
        Server::new().add(service).serve(socket.listener, socket.shutdown).await?;
        Ok(())
    };
    let call = async |server: String| {
        let address = server.trim_start_matches("http://");
        let conn = ClientConn::connect(address, ConnOptions::default()).await?;
        test(conn.clone()).await;
        conn.close().await;
        Ok(())
    };
    soon(workbook::both(serve, call)).await.unwrap();
}

async fn rest(call: &mut Call) -> Result<Vec<String>, Status> {
    let mut texts = Vec::new();
    while let Some(text) = call.recv_msg().await? {
        texts.push(text);
    }
    Ok(texts)
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn a_unary_call_is_answered() {
    with_server(async |conn| {
        for length in [0, 1, 20_000, 300_000, 3_000_000] {
            let sent = "x".repeat(length);
            let answer: Result<String, _> = conn.invoke(UNARY, &sent, CallOptions::default()).await;
            assert!(answer.unwrap() == sent, "{length}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_unary_call_may_fail() {
    with_server(async |conn| {
        let sent = text("fail 100 % of it, \u{1f608}\n");
        let failed = conn.invoke::<_, String>(UNARY, &sent, CallOptions::default()).await;
        let status = failed.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(status.message(), "100 % of it, \u{1f608}\n");
    })
    .await;
}

#[tokio::test]
async fn a_server_streams() {
    with_server(async |conn| {
        let mut call = open(&conn, SERVER).await;
        call.send_msg(&text("to be or not")).await.unwrap();
        assert_eq!(rest(&mut call).await.unwrap(), ["to", "be", "or", "not"]);
        assert!(matches!(call.send_msg(&text("more")).await, Err(SendError::EndOfStream)));
    })
    .await;
}

#[tokio::test]
async fn a_client_streams() {
    with_server(async |conn| {
        let mut call = open(&conn, CLIENT).await;
        for word in ["to", "be"] {
            call.send_msg(&text(word)).await.unwrap();
        }
        call.close_send();
        assert!(matches!(call.send_msg(&text("or")).await, Err(SendError::EndOfStream)));
        assert_eq!(call.recv_msg().await.unwrap(), Some(text("tobe")));
        assert_eq!(call.recv_msg().await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_early_answer_ends_the_sending() {
    with_server(async |conn| {
        let mut call = open(&conn, CLIENT).await;
        call.send_msg(&text("stop")).await.unwrap();
        assert_eq!(call.recv_msg().await.unwrap(), Some(text("")));
        assert!(matches!(call.send_msg(&text("more")).await, Err(SendError::EndOfStream)));
    })
    .await;
}

#[tokio::test]
async fn both_stream_by_turns_and_at_once() {
    with_server(async |conn| {
        let mut call = open(&conn, BOTH).await;
        for word in ["to", "be"] {
            call.send_msg(&text(word)).await.unwrap();
            assert_eq!(call.recv_msg().await.unwrap(), Some(word.to_uppercase()));
        }
        // More than all buffers on the way hold.
        let (sending, receiving) = call.halves();
        let send = async {
            for _ in 0..200 {
                sending.send_msg(&"x".repeat(50_000)).await.unwrap();
            }
            sending.close_send();
        };
        let receive = async {
            let mut count = 0;
            while let Some(text) = receiving.recv_msg().await.unwrap() {
                assert_eq!(text.len(), 50_000);
                count += 1;
            }
            count
        };
        assert_eq!(tokio::join!(send, receive).1, 200);
    })
    .await;
}

#[tokio::test]
async fn an_empty_stream_is_one() {
    with_server(async |conn| {
        let mut call = open(&conn, BOTH).await;
        call.close_send();
        assert_eq!(rest(&mut call).await.unwrap(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_calls_share_the_connection() {
    with_server(async |conn| {
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..1000 {
            let conn = conn.clone();
            calls.spawn(async move {
                let sent = number.to_string();
                let answer: Result<String, _> =
                    conn.invoke(UNARY, &sent, CallOptions::default()).await;
                assert_eq!(answer.unwrap(), sent);
            });
        }
        assert_eq!(calls.join_all().await.len(), 1000);
        let quotas = conn.quotas().await.unwrap();
        assert_eq!((quotas.active_streams, quotas.established, quotas.writing), (0, 0, 0));
        assert_eq!(quotas.stream_quota, 200, "what the server allows");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_too_long_is_not_sent() {
    with_server(async |conn| {
        let options = CallOptions { max_send: 10, ..CallOptions::default() };
        let sent = text("more than ten bytes");
        let status = conn.invoke::<_, String>(UNARY, &sent, options).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_too_long_is_not_taken() {
    with_server(async |conn| {
        let options = CallOptions { max_recv: 10, ..CallOptions::default() };
        let sent = text("more than ten bytes");
        let status = conn.invoke::<_, String>(UNARY, &sent, options).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_resets_the_stream() {
    let (conn, mut peer) = connect(&[]).await;
    let timeout = Some(Duration::from_millis(150));
    let options = CallOptions { timeout, ..CallOptions::default() };
    let sent = text("slow");
    let call = conn.invoke::<_, String>(UNARY, &sent, options);
    let (failed, ()) = soon(async {
        tokio::join!(call, async {
            let (_, fields) = peer.expect_headers().await;
            assert!(fields.contains(&(text("grpc-timeout"), text("150000u"))), "{fields:?}");
            assert_eq!(peer.expect_reset(1).await, Reason::CANCEL);
        })
    })
    .await;
    assert_eq!(failed.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_resets_the_stream() {
    let (conn, mut peer) = connect(&[]).await;
    let call = super::peer::opened(&conn, &mut peer).await;
    drop(call);
    assert_eq!(peer.expect_reset(1).await, Reason::CANCEL);
    super::peer::assert_idle(&conn, u32::MAX.into(), 65_535 - 12).await;
}

#[tokio::test(start_paused = true)]
async fn the_header_fields_are_those_of_grpc() {
    let (conn, mut peer) = connect(&[]).await;
    let mut options = CallOptions { compress: true, ..CallOptions::default() };
    options.metadata.insert("x-own", "value".parse().unwrap());
    options.metadata.insert("grpc-status", "7".parse().unwrap());
    let call = conn.new_client_stream::<String, String>(BOTH, options).await.unwrap();
    let (frame, fields) = peer.expect_headers().await;
    assert_eq!((frame.stream, call.id()), (1, 1));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/test.Echo/Both"),
        (":authority", "test"),
        ("content-type", "application/grpc"),
        ("user-agent", "traitwire-write-path/0.0.0"),
        ("te", "trailers"),
        ("grpc-encoding", "gzip"),
        ("grpc-accept-encoding", "gzip"),
        ("x-own", "value"),
    ];
    assert_eq!(fields, expected);
}
