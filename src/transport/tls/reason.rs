//! Why a handshake failed, in words.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    certificate::{bare, date},
    rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerMisbehaved},
};

/// What rustls says, if it was rustls.
pub(super) fn of(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// What is wrong with the certificate that the peer has shown, which is described.
pub(super) fn of_certificate(error: &CertificateError, which: &str) -> String {
    use CertificateError as E;
    match error {
        E::ExpiredContext { not_after, .. } => format!("{which} expired on {}", date(*not_after)),
        E::NotValidYetContext { not_before, .. } => {
            format!("{which} is not valid before {}", date(*not_before))
        }
        E::NotValidForNameContext { expected, presented } => {
            let expected = expected.to_str();
            match &presented[..] {
                [] => format!("{which} has no name (subjectAltName), so it is not for {expected}"),
                names => {
                    let names: Vec<_> = names.iter().map(|name| bare(name)).collect();
                    format!("{which} is not for {expected}, but for {}", names.join(", "))
                }
            }
        }
        E::UnknownIssuer => format!("{which} was issued by no authority that is trusted here"),
        E::BadSignature => format!("{which} is not signed by the authority that it names"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            format!("{which} is for another use (extendedKeyUsage)")
        }
        error => format!("{which} is refused: {error}"),
    }
}

/// What the peer has said by an alert.
pub(super) fn of_alert(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let why = match alert {
        A::CertificateRequired | A::NoCertificate => "it wants a certificate, and was shown none",
        A::UnknownCA => "it trusts no authority that issued the certificate it was shown",
        A::CertificateExpired => "the certificate that it was shown has expired, or is for later",
        A::BadCertificate | A::CertificateUnknown | A::UnsupportedCertificate => {
            "it does not accept the certificate that it was shown"
        }
        A::CertificateRevoked => "the certificate that it was shown was revoked",
        A::NoApplicationProtocol => "it does not speak HTTP/2 here, or was not asked to (ALPN h2)",
        A::ProtocolVersion => "it speaks neither TLS 1.2 nor 1.3",
        A::HandshakeFailure => "it has no cryptography in common",
        _ => return format!("TLS alert {alert:?}"),
    };
    format!("{why} (TLS alert {alert:?})")
}

/// Any other reason, of a handshake.
pub(super) fn of_other(error: &io::Error) -> String {
    match of(error) {
        Some(Error::AlertReceived(alert)) => of_alert(*alert),
        Some(Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        )) => "it does not speak TLS".to_owned(),
        Some(Error::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec)) => {
            "it does not speak TLS".to_owned()
        }
        Some(error) => error.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it closed the connection instead of a TLS handshake".to_owned()
        }
        None => error.to_string(),
    }
}

/// A connection whose errors are said in words: what a peer says of a certificate comes after the handshake in
/// TLS 1.3.
pub(super) struct Worded<IO>(pub(super) IO);

fn worded<T>(polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
    polled.map_err(|error| match of(&error) {
        Some(Error::AlertReceived(alert)) => io::Error::new(error.kind(), of_alert(*alert)),
        _ => error,
    })
}

impl<IO: AsyncRead + Unpin> AsyncRead for Worded<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        worded(Pin::new(&mut self.0).poll_read(cx, buffer))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Worded<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        worded(Pin::new(&mut self.0).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        worded(Pin::new(&mut self.0).poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        worded(Pin::new(&mut self.0).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        worded(Pin::new(&mut self.0).poll_shutdown(cx))
    }
}
