//! TLS for [`Server`](crate::Server) and [`Channel`](crate::Channel), on [rustls].
//!
//! A server shows a certificate, and if it names client authorities, asks its clients for theirs (mutual TLS). A
//! client names the authorities that it trusts. Both can be given other certificates, keys and authorities
//! while they run.
//!
//! ```no_run
//! # use traitwire::{Request, Status, service};
//! # #[service]
//! # trait Orders {
//! #     async fn get(&self, request: Request<String>) -> Result<String, Status>;
//! # }
//! # async fn example(shop: impl Orders) -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use tokio::net::TcpListener;
//! use traitwire::{
//!     Channel, Server, shutdown_signal,
//!     tls::{Authorities, ClientTls, Identity, ServerTls},
//! };
//!
//! let tls = ServerTls::builder(Identity::files("server.pem", "server.key"))
//!     .client_authorities(Authorities::file("clients.pem")) // without this anybody may call
//!     .reload_every(Duration::from_secs(60))
//!     .build()?;
//! let listener = TcpListener::bind("127.0.0.1:50051").await?;
//! let served = Server::new().add(OrdersServer::new(shop)).tls(tls).serve(listener, shutdown_signal());
//!
//! let tls = ClientTls::builder(Authorities::file("servers.pem"))
//!     .identity(Identity::files("client.pem", "client.key"))
//!     .build()?;
//! let channel = Channel::builder("https://localhost:50051").tls(tls).connect_lazy()?;
//! let orders = OrdersClient::new(channel);
//! # Ok(())
//! # }
//! ```
//!
//! # Who calls
//!
//! [`Peer::certificates`](crate::Peer::certificates) are those that a client has shown, which the server has
//! verified, and [`Peer::names`](crate::Peer::names) are the names in the first of them.
//!
//! # Renewal
//!
//! [`ServerTls`] and [`ClientTls`] are handles: a clone that is kept can [`renew`](ServerTls::renew) what the
//! server uses. Handshakes that begin afterwards see what is new; connections that there are go on, also those
//! of clients whose authority was taken away, until [`max_connection_age`](crate::Server::max_connection_age). What
//! cannot be used, such as a key that does not belong to the certificate, is refused, and what there was stays in
//! use.
//!
//! # What is refused
//!
//! Own certificates are looked at before they are used: the key must belong to the first of them, each must be
//! followed by that of its issuer, none may have expired or be for later, and that of a server must have a name
//! (subjectAltName). The peer must speak HTTP/2 (ALPN `h2`) by TLS 1.2 or 1.3. Certificate revocation lists are not
//! looked at.
//!
//! # The cryptography
//!
//! It is that of a [`CryptoProvider`](rustls::crypto::CryptoProvider): the one that the builder is given, else the
//! one that the program has installed for all of its process, else that of ring, with the feature `tls`. So a
//! program may have several of them. The feature `tls-no-provider` leaves ring out, which needs a C compiler;
//! one that needs none is rustls-graviola.
//!
//! # What it tells
//!
//! Renewals, and those that failed, are events of `tracing` under the target `traitwire::tls`.

mod certificate;
#[cfg(feature = "client")]
mod client;
mod live;
mod material;
mod reason;
#[cfg(feature = "server")]
mod server;
mod verifier;

use std::{error::Error, fmt, sync::Arc};

use rustls::crypto::CryptoProvider;
pub use tokio_rustls::rustls;

#[cfg(feature = "server")]
pub(crate) use self::certificate::names;
#[cfg(feature = "client")]
pub use self::client::{ClientTls, ClientTlsBuilder};
pub use self::material::{Authorities, Identity};
#[cfg(feature = "server")]
pub use self::server::{ServerTls, ServerTlsBuilder};

/// The target of the events.
const TARGET: &str = "traitwire::tls";

/// What HTTP/2 is called in a handshake (RFC 9113 section 3.2).
const ALPN: &[u8] = b"h2";

/// Why certificates, a key or authorities cannot be used: it names the file, and says what is wrong with it.
#[derive(Clone, Debug)]
pub struct TlsError(String);

impl TlsError {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for TlsError {}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self(format!("TLS cannot be set up: {error}"))
    }
}

/// The provider that was given, or is there for the whole process, or is built in.
fn provider(given: Option<Arc<CryptoProvider>>) -> Result<Arc<CryptoProvider>, TlsError> {
    given
        .or_else(|| CryptoProvider::get_default().cloned())
        .or_else(built_in)
        .ok_or_else(|| {
            TlsError::new(
                "there is no cryptography: give one with `crypto_provider`, or enable the feature `tls`",
            )
        })
}

#[cfg(feature = "tls")]
fn built_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(feature = "tls"))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    None
}
