//! A connection that is lost in the middle of a call: UNAVAILABLE, whatever came before it.

use std::{error::Error, future::poll_fn, io, iter, net::SocketAddr, task::Poll};

use tokio::net::TcpListener;
use traitwire::{Code, Request};

use crate::{
    contract::{Echo, EchoClient, note, notes},
    raw::framed,
};

/// How far a server gets before its connection is gone.
#[derive(Clone, Copy)]
enum Until {
    Request,
    Headers,
    Message,
}

/// Takes one call on each connection, answers it so far, and is gone.
async fn serve(until: Until) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(socket).await.unwrap();
            let (_request, mut respond) = connection.accept().await.unwrap().unwrap();
            let headers = http::Response::builder().header("content-type", "application/grpc");
            let sending = match until {
                Until::Request => None,
                Until::Headers | Until::Message => {
                    Some(respond.send_response(headers.body(()).unwrap(), false).unwrap())
                }
            };
            if let (Until::Message, Some(mut sending)) = (until, sending) {
                sending.send_data(framed(&note("first", 0)), false).unwrap();
            }
            // One poll writes what there is to write. Then the socket is closed.
            poll_fn(|cx| {
                let _ = connection.poll_closed(cx);
                Poll::Ready(())
            })
            .await;
        }
    });
    addr
}

async fn client(until: Until) -> EchoClient {
    let addr = serve(until).await;
    EchoClient::connect(format!("http://{addr}")).await.unwrap()
}

#[tokio::test]
async fn a_connection_that_is_lost_is_unavailable() {
    for until in [Until::Request, Until::Headers, Until::Message] {
        let echo = client(until).await;
        let status = echo.say(Request::new(note("hello", 0))).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        let mut causes = iter::successors(status.source(), |error| (*error).source());
        assert!(causes.any(|it| it.is::<io::Error>() || it.is::<h2::Error>()), "{status:?}");
    }
}

#[tokio::test]
async fn a_stream_whose_connection_is_lost_ends_with_unavailable_after_its_messages() {
    let echo = client(Until::Message).await;
    let mut answers = echo.chat(Request::new(notes(["hello"]))).await.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().text, "first");
    let status = answers.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
}
