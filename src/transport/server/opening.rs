//! What comes before HTTP/2: the preface, and where it is asked for, the PROXY protocol.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[cfg(feature = "proxy-protocol")]
use super::proxy_protocol;
use super::socket::PREFACE;
use crate::{Peer, transport::io::Io};

/// How much is read before the preface is judged: all of a short request of another protocol, so that
/// the socket is closed with nothing unread, which the caller sees as an end and not as a reset.
const READ: usize = 4 * 1024;

/// A caller that has begun to speak HTTP/2.
pub(super) struct Opened {
    /// What it has sent, from the preface on.
    pub(super) bytes: Bytes,
    /// What a proxy has said of it.
    pub(super) peer: Option<Peer>,
}

/// Reads up to the end of the preface.
///
/// # Errors
///
/// When the caller speaks something else, or closes the connection.
pub(super) async fn open(io: &mut impl Io, proxied: bool) -> io::Result<Opened> {
    let mut bytes = BytesMut::with_capacity(READ);
    let peer = if proxied { read_proxy_header(io, &mut bytes).await? } else { None };
    loop {
        let length = bytes.len().min(PREFACE.len());
        if bytes[..length] != PREFACE[..length] {
            let what = describe(&bytes);
            let _ = io.shutdown().await;
            return Err(invalid(format!("the caller does not speak HTTP/2: it sent {what}")));
        }
        if length == PREFACE.len() {
            return Ok(Opened { bytes: bytes.freeze(), peer });
        }
        read(io, &mut bytes).await?;
    }
}

async fn read(io: &mut impl Io, bytes: &mut BytesMut) -> io::Result<()> {
    bytes.reserve(READ);
    match io.read_buf(bytes).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

#[cfg(feature = "proxy-protocol")]
async fn read_proxy_header(io: &mut impl Io, bytes: &mut BytesMut) -> io::Result<Option<Peer>> {
    loop {
        match proxy_protocol::parse(bytes).map_err(invalid)? {
            Some((length, peer)) => {
                bytes::Buf::advance(bytes, length);
                return Ok(Some(peer));
            }
            None => read(io, bytes).await?,
        }
    }
}

#[cfg(not(feature = "proxy-protocol"))]
#[expect(clippy::unused_async, reason = "the other one waits")]
async fn read_proxy_header(_: &mut impl Io, _: &mut BytesMut) -> io::Result<Option<Peer>> {
    Ok(None)
}

/// The first line, as far as it is text.
fn describe(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
    format!("{:?}", String::from_utf8_lossy(&line[..line.len().min(40)]))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
