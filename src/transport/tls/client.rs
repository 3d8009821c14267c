//! The client's side.

use std::{fmt, sync::Arc, time::Duration};

use tokio_rustls::TlsConnector;

use super::{
    ALPN, TlsError,
    certificate::{Side, check},
    live::Live,
    material::{Authorities, Identity, Material, Sources, roots},
    provider,
    reason::{self, Worded},
    rustls::{
        ClientConfig, Error, client::WebPkiServerVerifier, crypto::CryptoProvider,
        pki_types::ServerName,
    },
    verifier::{Noting, watched},
};
use crate::transport::io::Io;

/// Whom a [`Channel`](crate::Channel) trusts, and what it shows: for [`ChannelBuilder::tls`](crate::ChannelBuilder::tls).
///
/// It is cheap to clone, and a clone is a handle to renew what the channel uses. See [`tls`](super).
#[derive(Clone)]
pub struct ClientTls {
    live: Arc<Live<ClientConfig>>,
}

impl ClientTls {
    /// Trusts servers whose certificates these authorities have issued.
    pub fn builder(authorities: Authorities) -> ClientTlsBuilder {
        let sources = Sources { identity: None, authorities: Some(authorities) };
        ClientTlsBuilder { sources, provider: None, reload_every: None }
    }

    /// Shows this to servers from the next connection on.
    ///
    /// # Errors
    ///
    /// When it cannot be used. What there was stays in use then.
    pub fn renew(&self, identity: Identity) -> Result<(), TlsError> {
        self.live.change(|sources| sources.identity = Some(identity))
    }

    /// Trusts these authorities from the next connection on, and no others.
    ///
    /// # Errors
    ///
    /// When they cannot be used. Those that there were stay in use then.
    pub fn renew_authorities(&self, authorities: Authorities) -> Result<(), TlsError> {
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

    /// Shakes hands with the server that is called `name`.
    pub(crate) async fn connect(
        &self,
        io: Box<dyn Io>,
        name: ServerName<'static>,
    ) -> Result<Box<dyn Io>, String> {
        let connector = TlsConnector::from(self.live.current());
        let (shaken, refused) = watched(connector.connect(name, io)).await;
        let io = shaken.map_err(|error| match reason::of(&error) {
            Some(Error::InvalidCertificate(error)) => {
                let which = refused.unwrap_or_default();
                reason::of_certificate(error, &format!("its certificate {which}"))
            }
            _ => reason::of_other(&error),
        })?;
        match io.get_ref().1.alpn_protocol() {
            Some(ALPN) => Ok(Box::new(Worded(io))),
            // rustls refuses a protocol that it has not asked for.
            _ => Err("it speaks TLS, but has not agreed to HTTP/2 (ALPN h2)".to_owned()),
        }
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").finish_non_exhaustive()
    }
}

/// A [`ClientTls`] to be.
#[derive(Debug)]
#[must_use]
pub struct ClientTlsBuilder {
    sources: Sources,
    provider: Option<Arc<CryptoProvider>>,
    reload_every: Option<Duration>,
}

impl ClientTlsBuilder {
    /// What it shows to a server that asks for it (mutual TLS).
    pub fn identity(mut self, identity: Identity) -> Self {
        self.sources.identity = Some(identity);
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
    pub fn build(self) -> Result<ClientTls, TlsError> {
        let provider = provider(self.provider)?;
        let live = Live::new(self.sources, move |material| config(material, &provider))?;
        if let Some(interval) = self.reload_every {
            live.reload_every(interval)?;
        }
        Ok(ClientTls { live })
    }
}

fn config(material: &Material, provider: &Arc<CryptoProvider>) -> Result<ClientConfig, TlsError> {
    let roots = roots(material.authorities.as_deref().unwrap_or_default())?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| TlsError::new(format!("the authorities cannot be used: {error}")))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        // "dangerous" is any verifier that is given; this one does as the usual one.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Noting(verifier)));
    let mut config = match &material.identity {
        Some(shown) => {
            check(shown, provider, Side::Client)?;
            config.with_client_auth_cert(shown.chain.clone(), shown.key.clone_key())?
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}
