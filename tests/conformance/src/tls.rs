//! TLS: a listener that shakes hands before it hands a connection over, and a connector that does.

use std::{
    error::Error,
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::Uri;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};
use tower::{Service, service_fn};
use traitwire::{Listener, Peer};

type Failure = Box<dyn Error + Send + Sync>;

pub(crate) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    /// Those that are under way. Each is a task of its own, so that no caller holds up another.
    handshakes: JoinSet<io::Result<(TlsStream<TcpStream>, Peer)>>,
}

impl TlsListener {
    /// With a certificate and its key, in PEM. Callers must show one of `client_ca`, unless that is empty.
    pub(crate) fn new(
        listener: TcpListener,
        cert: &[u8],
        key: &[u8],
        client_ca: &[u8],
    ) -> Result<Self, Failure> {
        let config = ServerConfig::builder();
        let config = if client_ca.is_empty() {
            config.with_no_client_auth()
        } else {
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots(client_ca)?)).build()?;
            config.with_client_cert_verifier(verifier)
        };
        let certs = CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>()?;
        let mut config = config.with_single_cert(certs, PrivateKeyDer::from_pem_slice(key)?)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { listener, acceptor, handshakes: JoinSet::new() })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Peer)>> {
        while let Poll::Ready((socket, peer)) = Listener::poll_accept(&mut self.listener, cx)? {
            let handshake = self.acceptor.accept(socket);
            self.handshakes.spawn(async move { Ok((handshake.await?, peer)) });
        }
        loop {
            match ready!(self.handshakes.poll_join_next(cx)) {
                Some(Ok(Ok(connection))) => return Poll::Ready(Ok(connection)),
                // A handshake that fails is the end of its connection, and of no other.
                Some(_) => {}
                // The next one is waited for above.
                None => return Poll::Pending,
            }
        }
    }
}

/// Trusts the certificates of `server_ca`, and shows a certificate with its key, if there is one; all in
/// PEM.
pub(crate) fn connector(
    server_ca: &[u8],
    identity: Option<(&[u8], &[u8])>,
) -> Result<
    impl Service<Uri, Response = client::TlsStream<TcpStream>, Error = Failure, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static,
    Failure,
> {
    let config = ClientConfig::builder().with_root_certificates(roots(server_ca)?);
    let mut config = match identity {
        Some((cert, key)) => {
            let certs = CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>()?;
            config.with_client_auth_cert(certs, PrivateKeyDer::from_pem_slice(key)?)?
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    Ok(service_fn(move |uri: Uri| {
        let connector = connector.clone();
        async move {
            let (host, port) = (uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(443));
            let socket = TcpStream::connect((host, port)).await?;
            socket.set_nodelay(true)?;
            let name = ServerName::try_from(host.to_owned())?;
            Ok(connector.connect(name, socket).await?)
        }
    }))
}

fn roots(certs: &[u8]) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    for cert in CertificateDer::pem_slice_iter(certs) {
        roots.add(cert?)?;
    }
    Ok(roots)
}
