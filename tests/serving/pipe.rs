//! Connections in memory: how much they hold is known, and they can hang.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use traitwire::{Io, Listener, Peer};

/// How many bytes a pipe holds each way.
pub(crate) const ROOM: usize = 64 * 1024;

/// What a pipe never comes to the end of.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hangs {
    Never,
    InFlush,
    InShutdown,
}

/// The server's end of a connection.
pub(crate) struct Pipe {
    pub(crate) io: DuplexStream,
    pub(crate) vectored: bool,
    pub(crate) hangs: Hangs,
}

impl Pipe {
    /// Both ends, the client's first.
    pub(crate) fn new() -> (DuplexStream, Self) {
        let (client, io) = duplex(ROOM);
        (client, Self { io, vectored: true, hangs: Hangs::Never })
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.hangs {
            Hangs::InFlush => Poll::Pending,
            _ => Pin::new(&mut self.io).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.hangs {
            Hangs::InShutdown => Poll::Pending,
            _ => Pin::new(&mut self.io).poll_shutdown(cx),
        }
    }
}

/// Listens for one connection.
pub(crate) struct Once<IO>(pub(crate) Option<IO>);

impl<IO: Io> Listener for Once<IO> {
    type Io = IO;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(IO, Peer)>> {
        self.0.take().map_or(Poll::Pending, |io| Poll::Ready(Ok((io, Peer::unknown()))))
    }
}
