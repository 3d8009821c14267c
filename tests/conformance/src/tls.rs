//! TLS: a listener that shakes hands before it hands a connection over.

use std::{
    error::Error,
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};
use traitwire::{Listener, Peer};

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
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let config = ServerConfig::builder();
        let config = if client_ca.is_empty() {
            config.with_no_client_auth()
        } else {
            let mut roots = RootCertStore::empty();
            for cert in CertificateDer::pem_slice_iter(client_ca) {
                roots.add(cert?)?;
            }
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build()?;
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
