//! What is said when there is no connection, and when one is lost.

use std::{
    error::Error,
    io, iter,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use traitwire::{Channel, Code, Status};
use traitwire_tests::frames::{Frame, Reason};

use crate::{
    contract::{Echo, EchoClient, note},
    peer::{Port, Site, say, settle},
};

/// What a call ends with, and what connecting says, to a server that is not there.
async fn failures(server: &str) -> (Status, String) {
    let builder = || Channel::builder(server).connect_timeout(Duration::from_secs(3));
    let client = EchoClient::new(builder().connect_lazy().unwrap());
    let status = client.say(note("hello")).await.unwrap_err();
    let error = builder().connect().await.unwrap_err();
    assert_eq!(error.source().is_some(), status.source().is_some());
    (status, error.to_string())
}

/// The error of a socket below another one.
#[track_caller]
fn io_error(error: &dyn Error) -> io::ErrorKind {
    let mut causes = iter::successors(error.source(), |error| (*error).source());
    causes.find_map(|it| it.downcast_ref::<io::Error>()).expect("an error of a socket").kind()
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let port = Port::new();
    let (status, error) = failures(&format!("http://{}", port.addr)).await;
    assert_eq!(error, format!("connection refused by {}", port.addr));
    assert_eq!((status.code(), status.message()), (Code::Unavailable, &*error));
    assert_eq!(io_error(&status), io::ErrorKind::ConnectionRefused);

    let error = Channel::connect(format!("http://{}", port.addr)).await.unwrap_err();
    assert_eq!(io_error(&error), io::ErrorKind::ConnectionRefused);
    let status = EchoClient::connect(port.addr.to_string()).await.unwrap_err();
    assert!(status.to_string().contains("connection refused by"), "{status}");
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up() {
    let (status, error) = failures("http://nobody.invalid:1").await;
    assert!(error.starts_with("the name nobody.invalid cannot be looked up: "), "{error}");
    assert_eq!(status.code(), Code::Unavailable);
    io_error(&status);
}

#[tokio::test]
async fn a_server_of_http_1() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            // What looks like a request, and not what follows.
            socket.read_exact(&mut [0; 18]).await.unwrap();
            let answer = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n";
            socket.write_all(answer).await.unwrap();
        }
    });
    let (status, error) = failures(&format!("http://{addr}")).await;
    assert_eq!(error, format!("{addr} speaks HTTP/1"));
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_and_says_nothing() {
    let site = Site::new().await;
    let addr = site.addr();
    let start = Instant::now();
    let (status, error) = failures(&site.uri()).await;
    assert_eq!(start.elapsed().as_secs(), 6, "two attempts");
    assert_eq!(error, format!("{addr} said nothing of HTTP/2 within 3s"));
    assert_eq!((status.code(), status.message()), (Code::Unavailable, &*error));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_twenty_seconds() {
    let site = Site::new().await;
    let start = Instant::now();
    let error = Channel::connect(site.uri()).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 20, "{error}");
}

#[tokio::test]
async fn a_server_that_closes_the_connection_at_once() {
    let site = Site::new().await;
    let addr = site.addr();
    let uri = site.uri();
    let ((status, error), ()) = tokio::join!(failures(&uri), async {
        for _ in 0..2 {
            site.accept().await.close().await;
        }
    });
    assert_eq!(error, format!("{addr} closed the connection"));
    assert_eq!((status.code(), status.message()), (Code::Unavailable, &*error));
}

#[tokio::test]
async fn a_server_that_closes_the_connection_after_its_settings() {
    let site = Site::new().await;
    let call = say(&site.client(), "hello");
    let peer = site.open(&[]).await;
    peer.close().await;
    let status = call.await.unwrap().unwrap_err();
    let said = format!("{} closed the connection", site.addr());
    assert_eq!((status.code(), status.message()), (Code::Unavailable, &*said));
}

#[tokio::test]
async fn a_server_that_says_why_it_goes_away() {
    let site = Site::new().await;
    let addr = site.addr();
    for (reason, debug, said) in [
        (
            Reason::ENHANCE_YOUR_CALM,
            "too_many_pings",
            "GOAWAY ENHANCE_YOUR_CALM, \"too_many_pings\"",
        ),
        (Reason::INTERNAL_ERROR, "", "GOAWAY INTERNAL_ERROR"),
        (Reason::NO_ERROR, "", "GOAWAY NO_ERROR"),
    ] {
        let call = say(&site.client(), "hello");
        let mut peer = site.open(&[]).await;
        let (stream, _) = peer.call().await;
        peer.send([Frame::goaway(stream, reason, debug.as_bytes())]).await;
        peer.close().await;
        let status = call.await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert_eq!(status.message(), format!("{addr} ended the connection: {said}"));
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_in_a_call() {
    let site = Site::new().await;
    let call = say(&site.client(), "hello");
    let mut peer = site.open(&[]).await;
    peer.call().await;
    peer.reset();
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let said = format!("the connection to {} was lost: ", site.addr());
    assert!(status.message().starts_with(&said), "{status:?}");
}

/// A socket that hears nothing any more once it is broken, until it has been written to.
struct Broken {
    io: TcpStream,
    is_broken: Arc<AtomicBool>,
    was_written_to: bool,
}

impl AsyncRead for Broken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_broken.load(Relaxed) && !self.was_written_to {
            return Poll::Pending;
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Broken {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_broken.load(Relaxed) {
            self.was_written_to = true;
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// The server says why and is gone, and the client writes to it before it reads that.
#[tokio::test(start_paused = true)]
async fn the_last_words_of_a_server_are_heard_when_it_takes_no_more() {
    let site = Site::new().await;
    let (addr, is_broken) = (site.addr(), Arc::new(AtomicBool::new(false)));
    let connector = tower::service_fn({
        let is_broken = Arc::clone(&is_broken);
        move |_| {
            let is_broken = Arc::clone(&is_broken);
            async move {
                let io = TcpStream::connect(addr).await?;
                io.set_nodelay(true)?;
                Ok::<_, io::Error>(Broken { io, is_broken, was_written_to: false })
            }
        }
    });
    let channel = Channel::builder("http://shop.example").connector(connector).connect_lazy();
    let client = EchoClient::new(channel.unwrap());
    let running = say(&client, "one");
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    is_broken.store(true, Relaxed);
    peer.send([Frame::goaway(stream, Reason::ENHANCE_YOUR_CALM, b"too_many_pings")]).await;
    settle().await;
    let next = say(&client, "two");
    let status = running.await.unwrap().unwrap_err();
    assert!(status.message().contains("\"too_many_pings\""), "{status:?}");

    // It has not looked at that one.
    is_broken.store(false, Relaxed);
    site.open(&[]).await.answer().await;
    assert_eq!(next.await.unwrap().unwrap(), note("two"));
}

#[tokio::test]
async fn a_call_that_the_server_resets() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    peer.send([Frame::rst_stream(stream, Reason::ENHANCE_YOUR_CALM)]).await;
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().starts_with(&site.addr().to_string()), "{status:?}");

    // The others go on.
    let call = say(&client, "again");
    peer.answer().await;
    assert_eq!(call.await.unwrap().unwrap(), note("again"));
}

#[tokio::test]
async fn a_target_that_names_no_server() {
    for target in ["", "http://", "ftp://shop", "http://shop:99999", "https://shop"] {
        let error = Channel::connect(target).await.unwrap_err();
        let status = Status::from(error.clone());
        assert_eq!(status.code(), Code::InvalidArgument, "{target:?}: {error}");
        assert_eq!(status.message(), error.to_string());
        assert!(Channel::builder(target).connect_lazy().is_err());
    }
    let error = Channel::builder("http://shop").authority("a b").connect_lazy().unwrap_err();
    assert_eq!(Status::from(error).code(), Code::InvalidArgument);
    let error = Channel::builder("http://shop").user_agent("a\nb").connect_lazy().unwrap_err();
    assert_eq!(Status::from(error).code(), Code::InvalidArgument);
}

#[test]
fn a_channel_outside_of_a_runtime() {
    let error = Channel::builder("http://shop").connect_lazy().unwrap_err();
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}
