//! A server at the other end of a pipe in memory.

use std::{
    future::pending,
    io,
    task::{Context, Poll},
};

use tokio::io::DuplexStream;
use traitwire::{Listener, Peer, Server};
use workbook::Result;

/// Serves one end of a pipe, on this thread, until the call over the other is done.
pub(crate) async fn call_over_a_pipe<T>(
    server: Server,
    call: impl AsyncFnOnce(DuplexStream) -> Result<T>,
) -> Result<T> {
    let (client, io) = tokio::io::duplex(64 * 1024);
    tokio::select! {
        biased;
        served = server.serve(Pipe(Some(io)), pending()) => {
            served?;
            Err("the server has stopped".into())
        }
        called = call(client) => called,
    }
}

/// An end, until the server takes it.
struct Pipe(Option<DuplexStream>);

impl Listener for Pipe {
    type Io = DuplexStream;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Peer)>> {
        self.0.take().map_or(Poll::Pending, |io| Poll::Ready(Ok((io, Peer::unknown()))))
    }
}
