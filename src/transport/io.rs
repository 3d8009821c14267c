//! What every transport needs of a socket.

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection: bytes both ways.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for T {}
