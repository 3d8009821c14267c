//! What every transport needs of a socket.

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection: bytes both ways.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for T {}

#[cfg(all(feature = "server", feature = "tls-no-provider"))]
pub(crate) use rewound::Rewound;

#[cfg(all(feature = "server", feature = "tls-no-provider"))]
mod rewound {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use bytes::{Buf, Bytes};
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    /// A connection of which something was read, which is read once more.
    pub(crate) struct Rewound<IO> {
        io: IO,
        before: Bytes,
    }

    impl<IO> Rewound<IO> {
        pub(crate) fn new(io: IO, before: Bytes) -> Self {
            Self { io, before }
        }
    }

    impl<IO: AsyncRead + Unpin> AsyncRead for Rewound<IO> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.before.is_empty() {
                return Pin::new(&mut self.io).poll_read(cx, buffer);
            }
            let length = self.before.len().min(buffer.remaining());
            buffer.put_slice(&self.before[..length]);
            self.before.advance(length);
            Poll::Ready(Ok(()))
        }
    }

    impl<IO: AsyncWrite + Unpin> AsyncWrite for Rewound<IO> {
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
            slices: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.io).poll_write_vectored(cx, slices)
        }

        fn is_write_vectored(&self) -> bool {
            self.io.is_write_vectored()
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.io).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.io).poll_shutdown(cx)
        }
    }
}
