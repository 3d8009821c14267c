//! What comes before HTTP/2: the preface, and where they are asked for, the PROXY protocol and TLS.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[cfg(feature = "tls-no-provider")]
use super::listener::AnyIo;
#[cfg(feature = "proxy-protocol")]
use super::proxy_protocol;
use super::{app::App, socket::PREFACE};
use crate::{Peer, transport::io::Io};

/// How much is read before the preface is judged: all of a short request of another protocol, so that
/// the socket is closed with nothing unread, which the caller sees as an end and not as a reset.
const READ: usize = 4 * 1024;

/// The connection of a caller that has begun to speak HTTP/2, and what it has sent, from the preface on.
pub(super) enum Opened<I> {
    Plain(I, Bytes),
    #[cfg(feature = "tls-no-provider")]
    Tls(AnyIo, Bytes),
}

/// Reads up to the end of the preface, and learns who calls.
///
/// # Errors
///
/// When the caller speaks something else, or closes the connection.
pub(super) async fn open<I: Io>(mut io: I, app: &App, peer: &mut Peer) -> io::Result<Opened<I>> {
    #[cfg_attr(
        not(feature = "proxy-protocol"),
        expect(unused_mut, reason = "nothing comes before")
    )]
    let mut bytes = BytesMut::with_capacity(READ);
    #[cfg(feature = "proxy-protocol")]
    if app.limits.proxy_protocol {
        *peer = read_proxy_header(&mut io, &mut bytes).await?;
    }
    #[cfg(feature = "tls-no-provider")]
    if let Some(tls) = &app.tls {
        // A handshake is large, and connections without TLS need no room for one.
        let (mut io, certificates) = Box::pin(tls.accept(io, bytes)).await?;
        let names = certificates.first().map(|it| crate::tls::names(it)).unwrap_or_default();
        *peer = std::mem::take(peer).with_certificates(certificates).with_names(names);
        let bytes = read_preface(&mut io, BytesMut::with_capacity(READ)).await?;
        return Ok(Opened::Tls(AnyIo::new(io), bytes));
    }
    #[cfg(not(any(feature = "proxy-protocol", feature = "tls-no-provider")))]
    let _ = (app, peer);
    let bytes = read_preface(&mut io, bytes).await?;
    Ok(Opened::Plain(io, bytes))
}

async fn read_preface(io: &mut impl Io, mut bytes: BytesMut) -> io::Result<Bytes> {
    loop {
        let length = bytes.len().min(PREFACE.len());
        if bytes[..length] != PREFACE[..length] {
            let why = match &bytes[..] {
                [HANDSHAKE, 3, ..] => {
                    "the caller begins TLS, which this port does not take".to_owned()
                }
                _ => format!("the caller does not speak HTTP/2: it sent {}", describe(&bytes)),
            };
            let _ = io.shutdown().await;
            return Err(invalid(why));
        }
        if length == PREFACE.len() {
            return Ok(bytes.freeze());
        }
        read(io, &mut bytes).await?;
    }
}

/// The first byte of a TLS record with a handshake in it (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

async fn read(io: &mut impl Io, bytes: &mut BytesMut) -> io::Result<()> {
    bytes.reserve(READ);
    match io.read_buf(bytes).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

#[cfg(feature = "proxy-protocol")]
async fn read_proxy_header(io: &mut impl Io, bytes: &mut BytesMut) -> io::Result<Peer> {
    loop {
        match proxy_protocol::parse(bytes).map_err(invalid)? {
            Some((length, peer)) => {
                bytes::Buf::advance(bytes, length);
                return Ok(peer);
            }
            None => read(io, bytes).await?,
        }
    }
}

/// The first line, as far as it is text.
fn describe(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
    format!("{:?}", String::from_utf8_lossy(&line[..line.len().min(40)]))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
