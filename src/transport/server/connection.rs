//! One connection, which the server can end.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, watch},
    task::unconstrained,
    time::Sleep,
};
use tonic::transport::server::Connected;

/// The length of `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, with which a client begins.
const PREFACE: usize = 24;

/// A connection with an end: at the cut of the server, or when its caller does not begin, or takes
/// nothing any more.
///
/// All are looked at where the connection would wait, so one that is busy pays nothing for them.
pub(crate) struct Connection<IO> {
    io: IO,
    /// It is asked too when the connection only gives way to other tasks. One that always has
    /// something to read never waits for anything else.
    cut: Pin<Box<dyn Future<Output = ()> + Send>>,
    opening: Option<Opening>,
    write_timeout: Duration,
    /// The end of its patience, while the socket takes nothing.
    blocked: Option<Pin<Box<Sleep>>>,
    /// Whether a TLS handshake, if there is one, is over. tonic asks for the connection's
    /// information when it has been, and before it reads anything else.
    established: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

/// How long a caller may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For his preface.
    pub(super) preface: Duration,
    /// To take something of what is sent to him.
    pub(super) write: Duration,
}

/// A connection whose caller has not sent his preface.
struct Opening {
    deadline: Pin<Box<Sleep>>,
    missing: usize,
}

impl<IO> Connection<IO> {
    /// It is cut when the sender of `gone` is dropped.
    pub(super) fn new(
        io: IO,
        permit: OwnedSemaphorePermit,
        patience: Patience,
        mut gone: watch::Receiver<()>,
    ) -> Self {
        let deadline = Box::pin(tokio::time::sleep(patience.preface));
        Self {
            io,
            cut: Box::pin(unconstrained(async move { while gone.changed().await.is_ok() {} })),
            opening: Some(Opening { deadline, missing: PREFACE }),
            write_timeout: patience.write,
            blocked: None,
            established: AtomicBool::new(false),
            _permit: permit,
        }
    }

    /// Where the connection would wait: whether it must end instead.
    fn or_end<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            return polled;
        }
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::Error::other("the server has ended")));
        }
        if let Some(opening) = &mut self.opening
            && opening.deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }

    /// The same where the connection would write.
    fn or_blocked(
        &mut self,
        polled: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.blocked = None;
            return polled;
        }
        let patience = self.write_timeout;
        let blocked = self.blocked.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if blocked.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.or_end(polled, cx)
    }

    fn has_read(&mut self, bytes: usize) {
        if let Some(opening) = &mut self.opening
            && *self.established.get_mut()
        {
            opening.missing = opening.missing.saturating_sub(bytes);
            if opening.missing == 0 {
                self.opening = None;
            }
        }
    }
}

impl<IO: Connected> Connected for Connection<IO> {
    type ConnectInfo = IO::ConnectInfo;

    fn connect_info(&self) -> IO::ConnectInfo {
        self.established.store(true, Ordering::Relaxed);
        self.io.connect_info()
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Connection<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        self.has_read(buffer.filled().len() - before);
        self.or_end(polled, cx)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Connection<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.or_blocked(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.or_blocked(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        self.or_end(polled, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        self.or_end(polled, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::Arc};

    use tokio::{sync::Semaphore, time::timeout};

    use super::*;

    /// A client that sends more than a preface is long, and then nothing.
    struct Hello(usize);

    impl AsyncRead for Hello {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match std::mem::take(&mut self.0) {
                0 => Poll::Pending,
                length => {
                    buffer.put_slice(&vec![0; length]);
                    Poll::Ready(Ok(()))
                }
            }
        }
    }

    /// From outside this takes a TLS of one's own.
    #[tokio::test]
    async fn the_bytes_of_a_handshake_are_no_preface() {
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let patience = Patience { preface: Duration::ZERO, write: Duration::MAX };
        let (_alive, gone) = watch::channel(());
        let mut connection = Connection::new(Hello(2 * PREFACE), permit, patience, gone);
        let (mut bytes, mut ended) = ([0; 4 * PREFACE], Ok(()));
        let mut buffer = ReadBuf::new(&mut bytes);
        while ended.is_ok() {
            let read = poll_fn(|cx| Pin::new(&mut connection).poll_read(cx, &mut buffer));
            ended = timeout(Duration::from_secs(10), read).await.expect("its time is up");
        }
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(buffer.filled().len(), 2 * PREFACE);
    }
}
