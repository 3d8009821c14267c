//! Verifiers that remember which certificate they have refused, because rustls does not say it.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
};

use super::{
    certificate::describe,
    rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger as server_certs,
        pki_types::{CertificateDer, ServerName, UnixTime},
        server::danger as client_certs,
    },
};

thread_local! {
    /// The certificate that was refused on this thread just now. A verifier knows no connection, but it is called
    /// within a poll of the handshake.
    static REFUSED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a handshake; with which certificate was refused in it, if one was.
pub(super) async fn watched<F: Future>(handshake: F) -> (F::Output, Option<String>) {
    let mut handshake = pin!(handshake);
    let mut refused = None;
    let result = poll_fn(|cx| {
        let polled = handshake.as_mut().poll(cx);
        refused = refused.take().or_else(|| REFUSED.take());
        polled
    })
    .await;
    (result, refused)
}

fn noting<T>(verified: Result<T, Error>, certificate: &CertificateDer<'_>) -> Result<T, Error> {
    verified.inspect_err(|_| REFUSED.set(Some(describe(certificate))))
}

/// A verifier that does as the one inside.
#[derive(Debug)]
pub(super) struct Noting<V: ?Sized>(pub(super) Arc<V>);

macro_rules! signatures_as_inside {
    ($verified:path) => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<$verified, Error> {
            self.0.verify_tls12_signature(message, cert, dss)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<$verified, Error> {
            self.0.verify_tls13_signature(message, cert, dss)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.supported_verify_schemes()
        }
    };
}

#[cfg(feature = "client")]
impl<V: server_certs::ServerCertVerifier + ?Sized> server_certs::ServerCertVerifier for Noting<V> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<server_certs::ServerCertVerified, Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        noting(verified, end_entity)
    }

    signatures_as_inside!(server_certs::HandshakeSignatureValid);
}

#[cfg(feature = "server")]
impl<V: client_certs::ClientCertVerifier + ?Sized> client_certs::ClientCertVerifier for Noting<V> {
    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[super::rustls::DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<client_certs::ClientCertVerified, Error> {
        noting(self.0.verify_client_cert(end_entity, intermediates, now), end_entity)
    }

    signatures_as_inside!(server_certs::HandshakeSignatureValid);
}
