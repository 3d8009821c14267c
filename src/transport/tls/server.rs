//! The server's side.

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    ALPN, TlsError,
    certificate::{Side, check},
    live::Live,
    material::{Authorities, Identity, Material, Sources, roots},
    provider, reason,
    rustls::{
        Error, ServerConfig,
        crypto::CryptoProvider,
        server::{Acceptor, WebPkiClientVerifier},
    },
    verifier::{Noting, watched},
};
use crate::transport::io::{Io, Rewound};

/// What a [`Server`](crate::Server) shows, and whom it trusts: for [`Server::tls`](crate::Server::tls).
///
/// It is cheap to clone, and a clone is a handle to renew what the server uses. See [`tls`](super).
#[derive(Clone)]
pub struct ServerTls {
    live: Arc<Live<ServerConfig>>,
}

impl ServerTls {
    /// Shows this to clients.
    pub fn builder(identity: Identity) -> ServerTlsBuilder {
        let sources = Sources { identity: Some(identity), authorities: None };
        ServerTlsBuilder { sources, allow_anonymous: false, provider: None, reload_every: None }
    }

    /// Shows this to clients from the next handshake on.
    ///
    /// # Errors
    ///
    /// When it cannot be used. What there was stays in use then.
    pub fn renew(&self, identity: Identity) -> Result<(), TlsError> {
        self.live.change(|sources| sources.identity = Some(identity))
    }

    /// Trusts these client authorities from the next handshake on, and no others. Clients that are connected stay.
    ///
    /// # Errors
    ///
    /// When they cannot be used. Those that there were stay in use then.
    pub fn renew_client_authorities(&self, authorities: Authorities) -> Result<(), TlsError> {
        self.live.change(|sources| sources.authorities = Some(authorities))
    }

    /// Reads all files again; whether there was anything new.
    ///
    /// # Errors
    ///
    /// When what they say cannot be used. What there was stays in use then.
    pub fn reload(&self) -> Result<bool, TlsError> {
        self.live.reload()
    }

    /// Shakes hands with a caller that has sent `first` already; with the certificates that it has shown.
    pub(crate) async fn accept<I: Io>(
        &self,
        mut io: I,
        mut first: BytesMut,
    ) -> io::Result<(TlsStream<Rewound<I>>, Arc<[Bytes]>)> {
        if first.is_empty() && io.read_buf(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first[0] != HANDSHAKE {
            return Err(refuse_plaintext(io, first).await);
        }
        let hello = LazyConfigAcceptor::new(Acceptor::default(), Rewound::new(io, first.freeze()));
        let mut hello = hello.await.map_err(|error| refused(reason::of_other(&error)))?;
        let offered = hello.client_hello().alpn();
        if let Some(why) = not_http2(offered) {
            let _ = hello.io.write_all(&NO_APPLICATION_PROTOCOL).await;
            leave(hello.io).await;
            return Err(refused(why));
        }
        let handshake = hello.into_stream(self.live.current()).into_fallible();
        let (shaken, bad) = watched(handshake).await;
        match shaken {
            Ok(io) => {
                let shown = io.get_ref().1.peer_certificates().unwrap_or_default();
                let shown = shown.iter().map(|it| Bytes::copy_from_slice(it)).collect();
                Ok((io, shown))
            }
            Err((error, io)) => {
                leave(io).await;
                Err(refused(match reason::of(&error) {
                    Some(Error::InvalidCertificate(error)) => {
                        let which = bad.unwrap_or_default();
                        reason::of_certificate(error, &format!("its certificate {which}"))
                    }
                    Some(Error::NoCertificatesPresented) => {
                        "it has shown no certificate, and only clients with one may call".to_owned()
                    }
                    _ => reason::of_other(&error),
                }))
            }
        }
    }
}

/// The first byte of a TLS record with a ClientHello in it (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// A TLS record with an alert in it: fatal, no_application_protocol (RFC 7301 section 3.2). rustls sends it only
/// to those who ask for other protocols, and not to those who ask for none.
const NO_APPLICATION_PROTOCOL: [u8; 7] = [21, 3, 3, 0, 2, 2, 120];

fn not_http2<'a>(offered: Option<impl Iterator<Item = &'a [u8]>>) -> Option<String> {
    let Some(offered) = offered else {
        return Some("it does not ask for HTTP/2: it has no ALPN, where h2 is wanted".to_owned());
    };
    let offered: Vec<_> = offered.collect();
    if offered.contains(&ALPN) {
        return None;
    }
    let offered: Vec<_> = offered.iter().map(|it| String::from_utf8_lossy(it)).collect();
    Some(format!(
        "it does not ask for HTTP/2: by ALPN it asks for {}, not for h2",
        offered.join(", ")
    ))
}

/// What a caller without TLS is told in HTTP/2: SETTINGS, then GOAWAY with INADEQUATE_SECURITY and words for it
/// (RFC 9113 sections 6.5, 6.8 and 7).
const TLS_IS_WANTED: &[u8; 59] = b"\0\0\0\x04\0\0\0\0\0\
    \0\0\x29\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0cthis port takes TLS: use https://";

/// Tells a caller that this port takes TLS, if it speaks HTTP/2.
async fn refuse_plaintext<I: Io>(mut io: I, mut first: BytesMut) -> io::Error {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    loop {
        let length = first.len().min(PREFACE.len());
        if first[..length] != PREFACE[..length] {
            let _ = io.shutdown().await;
            return refused("it does not begin with TLS".to_owned());
        }
        if length == PREFACE.len() {
            break;
        }
        match io.read_buf(&mut first).await {
            Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(_) => {}
            Err(error) => return error,
        }
    }
    let _ = io.write_all(TLS_IS_WANTED).await;
    leave(io).await;
    refused("it speaks HTTP/2 without TLS, which this port takes: https://, not http://".to_owned())
}

/// Closes a connection so that its caller reads what it was told: one that is closed while something is unread
/// is reset.
async fn leave(mut io: impl Io) {
    let _ = io.shutdown().await;
    let mut unread = [0; 4096];
    let _ = timeout(Duration::from_secs(1), async {
        while matches!(io.read(&mut unread).await, Ok(1..)) {}
    })
    .await;
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

/// A [`ServerTls`] to be.
#[derive(Debug)]
#[must_use]
pub struct ServerTlsBuilder {
    sources: Sources,
    allow_anonymous: bool,
    provider: Option<Arc<CryptoProvider>>,
    reload_every: Option<Duration>,
}

impl ServerTlsBuilder {
    /// Asks each client for a certificate that one of these has issued (mutual TLS), and refuses the others.
    pub fn client_authorities(mut self, authorities: Authorities) -> Self {
        self.sources.authorities = Some(authorities);
        self
    }

    /// Lets clients in that show no certificate, such as probes of health. One that is shown must be good all the
    /// same. Which calls they may make is for your handlers to say, by [`Peer`](crate::Peer).
    pub fn allow_anonymous(mut self) -> Self {
        self.allow_anonymous = true;
        self
    }

    /// The cryptography, instead of what the [module](super) says.
    pub fn crypto_provider(mut self, provider: impl Into<Arc<CryptoProvider>>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Reads all files again each time that so much has passed, to use what is new in them. To be built within a
    /// tokio runtime.
    pub fn reload_every(mut self, interval: Duration) -> Self {
        self.reload_every = Some(interval);
        self
    }

    /// Reads everything, and looks at it.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or what is in it cannot be used.
    pub fn build(self) -> Result<ServerTls, TlsError> {
        let provider = provider(self.provider)?;
        let allow_anonymous = self.allow_anonymous;
        let make = move |material: &Material| config(material, &provider, allow_anonymous);
        let live = Live::new(self.sources, make)?;
        if let Some(interval) = self.reload_every {
            live.reload_every(interval)?;
        }
        Ok(ServerTls { live })
    }
}

fn config(
    material: &Material,
    provider: &Arc<CryptoProvider>,
    allow_anonymous: bool,
) -> Result<ServerConfig, TlsError> {
    let shown = material.identity.as_ref().expect("a server is built with one");
    check(shown, provider, Side::Server)?;
    let config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?;
    let config = match &material.authorities {
        Some(trusted) => {
            let roots = Arc::new(roots(trusted)?);
            let mut verifier =
                WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider));
            if allow_anonymous {
                verifier = verifier.allow_unauthenticated();
            }
            let verifier = verifier.build().map_err(|error| {
                TlsError::new(format!("the client authorities cannot be used: {error}"))
            })?;
            config.with_client_cert_verifier(Arc::new(Noting(verifier)))
        }
        None => config.with_no_client_auth(),
    };
    let mut config = config.with_single_cert(shown.chain.clone(), shown.key.clone_key())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}
