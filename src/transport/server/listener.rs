//! What a server listens on.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::accept::Acceptor;
use crate::{Peer, transport::io::Io};

/// Where connections come from: a socket, several, or a type of your own.
///
/// The connections of a [`TcpListener`] have nodelay set. Implement this around one of them to set
/// other options, or to shake hands first:
///
/// ```
/// use std::{io, task::{Context, Poll, ready}};
/// use tokio::net::{TcpListener, TcpStream};
/// use traitwire::{Listener, Peer};
///
/// /// Takes connections from this machine only.
/// struct Local(TcpListener);
///
/// impl Listener for Local {
///     type Io = TcpStream;
///
///     fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
///         let (stream, peer) = ready!(Listener::poll_accept(&mut self.0, cx))?;
///         if peer.addr().is_some_and(|addr| addr.ip().is_loopback()) {
///             return Poll::Ready(Ok((stream, peer)));
///         }
///         Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into()))
///     }
/// }
/// ```
pub trait Listener: Send {
    /// A connection.
    type Io: Io;

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// An error does not end the server. It asks again: at once when the error is about one
    /// connection (`ConnectionAborted`, `ConnectionRefused`, `ConnectionReset`), and after a pause
    /// when it is any other.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Peer)>>;
}

impl Listener for TcpListener {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Peer)>> {
        let (stream, addr) = ready!(Self::poll_accept(self, cx))?;
        // It fails when the caller has gone already, which is seen when it is read.
        let _ = stream.set_nodelay(true);
        Poll::Ready(Ok((stream, Peer::tcp(addr))))
    }
}

/// Several listeners as one. When one of them fails, only that one is left alone for a while.
///
/// ```no_run
/// # async fn example(server: traitwire::Server) -> Result<(), Box<dyn std::error::Error>> {
/// use tokio::net::TcpListener;
/// use traitwire::{Listeners, shutdown_signal};
///
/// let listeners = Listeners::new()
///     .add(TcpListener::bind("127.0.0.1:50051").await?)
///     .add(TcpListener::bind("[::1]:50051").await?);
/// server.serve(listeners, shutdown_signal()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct Listeners {
    listeners: Vec<Acceptor<Box<dyn Listener<Io = AnyIo>>>>,
    /// Which is asked first, so that a busy one leaves the others their turn.
    next: usize,
}

impl Listeners {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// And one more.
    #[expect(clippy::should_implement_trait, reason = "nothing is summed up")]
    pub fn add<L: Listener + 'static>(mut self, listener: L) -> Self {
        self.listeners.push(Acceptor::new(Box::new(Any(listener))));
        self
    }
}

impl Listener for Listeners {
    type Io = AnyIo;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(AnyIo, Peer)>> {
        let count = self.listeners.len();
        if count == 0 {
            let why = "there is no listener: `Listeners::add` was not called";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidInput, why)));
        }
        for turn in 0..count {
            let index = (self.next + turn) % count;
            if let Poll::Ready(accepted) = self.listeners[index].poll_accept(cx) {
                self.next = index + 1;
                return Poll::Ready(Ok(accepted));
            }
        }
        Poll::Pending
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").field("count", &self.listeners.len()).finish()
    }
}

impl<L: Listener + ?Sized> Listener for Box<L> {
    type Io = L::Io;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Peer)>> {
        (**self).poll_accept(cx)
    }
}

/// A listener whose connections are of any type.
struct Any<L>(L);

impl<L: Listener> Listener for Any<L> {
    type Io = AnyIo;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(AnyIo, Peer)>> {
        self.0.poll_accept(cx).map_ok(|(io, peer)| (AnyIo::new(io), peer))
    }
}

/// A connection of one of several [`Listeners`].
pub struct AnyIo(Box<dyn Io>);

impl AnyIo {
    pub(super) fn new(io: impl Io) -> Self {
        Self(Box::new(io))
    }
}

impl AsyncRead for AnyIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for AnyIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}

impl fmt::Debug for AnyIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyIo").finish_non_exhaustive()
    }
}
