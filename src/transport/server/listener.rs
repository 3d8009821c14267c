//! What a server listens on.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_stream::Stream;
use tonic::transport::server::{Connected, TcpIncoming};

/// Where connections come from: a socket, or a type of your own.
///
/// The connections of the TCP listeners have nodelay set, those of a [`TcpIncoming`] too, whatever
/// it was told. Implement this around one of them to set other options.
pub trait Listener {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static;

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// An error does not end the server. It asks again: at once when the error is about one
    /// connection (`ConnectionAborted`, `ConnectionRefused`, `ConnectionReset`), and after a pause
    /// when it is any other.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>>;
}

impl Listener for TcpListener {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        let (stream, _) = ready!(TcpListener::poll_accept(self, cx))?;
        Poll::Ready(Ok(without_delay(stream)))
    }
}

impl Listener for TcpIncoming {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        match ready!(Pin::new(self).poll_next(cx)) {
            Some(stream) => Poll::Ready(stream.map(without_delay)),
            // It has no end.
            None => Poll::Pending,
        }
    }
}

#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Io = tokio::net::UnixStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        let (stream, _) = ready!(Self::poll_accept(self, cx))?;
        Poll::Ready(Ok(stream))
    }
}

fn without_delay(stream: TcpStream) -> TcpStream {
    // It fails when the caller has gone already, which is seen when it is read.
    let _ = stream.set_nodelay(true);
    stream
}
