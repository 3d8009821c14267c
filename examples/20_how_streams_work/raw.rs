//! Peers that write frames by hand, and keep to no rule but those that are written here.

use tokio::io::{AsyncWriteExt, DuplexStream, WriteHalf};
use traitwire::prost::bytes::{BufMut, Bytes, BytesMut};
use wire::{
    Side,
    frame::{Frame, PREFACE},
    tap::{Tap, Tapped},
};

use crate::claim::Result;

/// One end of a connection. It reads whatever comes, for the tap to see, and answers nothing.
pub(crate) struct Raw {
    pub(crate) tap: Tap,
    io: WriteHalf<Tapped<DuplexStream>>,
}

impl Raw {
    /// A client, which has sent the preface and its settings.
    pub(crate) async fn client(io: DuplexStream) -> Result<Self> {
        let mut client = Self::new(io, Side::Client);
        client.io.write_all(PREFACE).await?;
        client.send([Frame::settings(&[]), Frame::settings_ack()]).await?;
        Ok(client)
    }

    /// A server, which has sent its settings.
    pub(crate) async fn server(io: DuplexStream) -> Result<Self> {
        let mut server = Self::new(io, Side::Server);
        server.send([Frame::settings(&[]), Frame::settings_ack()]).await?;
        Ok(server)
    }

    fn new(io: DuplexStream, side: Side) -> Self {
        let tap = Tap::new();
        let (mut reads, io) = tokio::io::split(tap.wrap(io, side));
        tokio::spawn(async move { tokio::io::copy(&mut reads, &mut tokio::io::sink()).await });
        Self { tap, io }
    }

    /// Sends these frames with one write.
    pub(crate) async fn send(&mut self, frames: impl IntoIterator<Item = Frame>) -> Result<()> {
        let mut bytes = BytesMut::new();
        frames.into_iter().for_each(|frame| frame.write(&mut bytes));
        Ok(self.io.write_all(&bytes).await?)
    }
}

/// A header block: every field by its name, compressed in no way, RFC 7541 §6.2.2.
///
/// # Panics
///
/// When a name or a value is longer than one byte of length can say.
pub(crate) fn block(fields: &[(&str, &str)]) -> Bytes {
    let mut block = BytesMut::new();
    for (name, value) in fields {
        block.put_u8(0);
        for text in [name, value] {
            assert!(text.len() < 127, "{text} needs a longer length");
            block.put_u8(text.len() as u8);
            block.put_slice(text.as_bytes());
        }
    }
    block.freeze()
}

/// The fields of a request.
pub(crate) fn request(path: &str) -> Bytes {
    block(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "lab"),
        (":path", path),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ])
}
