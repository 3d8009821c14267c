//! Who is at the other end of a connection, and when the server ends.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use bytes::Bytes;
use tokio::sync::watch;
use tonic::Request;

/// Who is at the other end of the connection that a call came by.
///
/// [`Server`](crate::Server) puts it into the extensions of each request:
///
/// ```
/// use traitwire::{Peer, Request};
///
/// fn greet(request: &Request<String>) -> String {
///     match Peer::of(request) {
///         Some(peer) => format!("hello, {peer}"),
///         None => "hello".to_owned(), // the call came from this process, or by another server
///     }
/// }
/// # assert_eq!(greet(&Request::new(String::new())), "hello");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Peer {
    address: Address,
    certificates: Option<Arc<[Bytes]>>,
    names: Option<Arc<[String]>>,
}

#[derive(Clone, Debug, Default)]
enum Address {
    #[default]
    Unknown,
    Tcp(SocketAddr),
    Unix(Option<PathBuf>),
}

impl Peer {
    /// One that nothing is known of.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// One at this address.
    #[must_use]
    pub fn tcp(addr: SocketAddr) -> Self {
        Self { address: Address::Tcp(addr), ..Self::default() }
    }

    /// One on this machine, whose socket seldom has a path.
    #[must_use]
    pub fn unix(path: Option<PathBuf>) -> Self {
        Self { address: Address::Unix(path), ..Self::default() }
    }

    /// The same, which has shown these certificates, its own first, in DER.
    #[must_use]
    pub fn with_certificates(self, certificates: impl Into<Arc<[Bytes]>>) -> Self {
        Self { certificates: Some(certificates.into()), ..self }
    }

    /// The same, whose own certificate has these names.
    #[must_use]
    pub fn with_names(self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        Self { names: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Who sent a request.
    #[must_use]
    pub fn of<T>(request: &Request<T>) -> Option<&Self> {
        request.extensions().get()
    }

    /// The address, where there is one: over TCP, and from the PROXY protocol.
    #[must_use]
    pub fn addr(&self) -> Option<SocketAddr> {
        match self.address {
            Address::Tcp(addr) => Some(addr),
            _ => None,
        }
    }

    /// The certificates that it has shown, its own first, in DER; none without TLS, and where the server
    /// asks for none.
    #[must_use]
    pub fn certificates(&self) -> &[Bytes] {
        self.certificates.as_deref().unwrap_or_default()
    }

    /// The names in its own certificate (subjectAltName), of hosts, addresses and URIs, such as
    /// `shop.example` or `spiffe://example/shop`; none where it has shown no certificate.
    #[must_use]
    pub fn names(&self) -> &[String] {
        self.names.as_deref().unwrap_or_default()
    }
}

/// `127.0.0.1:41234`, `unix` or `unix:/run/shop`, or `unknown`.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Unknown => f.write_str("unknown"),
            Address::Tcp(addr) => addr.fmt(f),
            Address::Unix(None) => f.write_str("unix"),
            Address::Unix(Some(path)) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Whether the server is about to end.
///
/// [`Server`](crate::Server) puts it into the extensions of each request, so that a handler which would
/// go on for long, such as a subscription, can say goodbye while there is time: calls go on for the
/// server's `drain_timeout` and are then ended with UNAVAILABLE. By then callers have been told to begin their calls
/// elsewhere. Tasks get it from `Server::shutdown_token`.
///
/// ```
/// use traitwire::{Request, ServerShutdown};
///
/// async fn end_of_server(request: &Request<String>) {
///     match request.extensions().get::<ServerShutdown>() {
///         Some(shutdown) => shutdown.clone().begun().await,
///         None => std::future::pending().await,
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ServerShutdown(pub(crate) watch::Receiver<bool>);

impl ServerShutdown {
    /// Whether it has begun: no other call is let in.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it begins.
    pub async fn begun(mut self) {
        // A server that is gone has ended too.
        let _ = self.0.wait_for(|begun| *begun).await;
    }
}

/// What a transport knows of the connection of a call.
#[derive(Debug)]
pub(crate) struct ConnectionInfo {
    pub(crate) peer: Peer,
    pub(crate) shutdown: ServerShutdown,
}

impl ConnectionInfo {
    pub(crate) fn add_to(&self, extensions: &mut http::Extensions) {
        extensions.insert(self.peer.clone());
        extensions.insert(self.shutdown.clone());
    }
}
