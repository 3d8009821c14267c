//! What certificates say, and whether own ones can be used.

use std::time::{Duration, SystemTime};

use webpki::{EndEntityCert, Error as Webpki, KeyUsage};

use super::{
    TlsError,
    material::Shown,
    rustls::{
        Error, InconsistentKeys,
        crypto::CryptoProvider,
        pki_types::{CertificateDer, ServerName, UnixTime},
        sign::CertifiedKey,
    },
};

/// The names of a certificate (subjectAltName): of hosts, addresses, and URIs.
pub(crate) fn names(certificate: &[u8]) -> Vec<String> {
    let der = CertificateDer::from(certificate);
    let Ok(certificate) = EndEntityCert::try_from(&der) else { return Vec::new() };
    // No certificate is for this one, and so all that it has are said (RFC 6761 section 6.4).
    let nobody = ServerName::try_from("nobody.invalid").expect("it is a name");
    match certificate.verify_is_valid_for_subject_name(&nobody) {
        Err(Webpki::CertNotValidForName(context)) => {
            context.presented.iter().map(|name| bare(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// `shop.example` of `DnsName("shop.example")`.
pub(super) fn bare(name: &str) -> String {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner.trim_end_matches(')'));
    inner.trim_matches('"').to_owned()
}

/// A certificate by its serial number and its names.
pub(super) fn describe(der: &CertificateDer<'_>) -> String {
    let Ok(certificate) = EndEntityCert::try_from(der) else {
        return "that cannot be read".to_owned();
    };
    let serial = certificate.serial().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match names(der) {
        names if names.is_empty() => format!("with serial number {serial}"),
        names => format!("with serial number {serial} for {}", names.join(", ")),
    }
}

/// A time, as HTTP writes it.
pub(super) fn date(time: UnixTime) -> String {
    let since = Duration::from_secs(time.as_secs().min(LAST));
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since)
}

/// 9999-12-31T23:59:59Z, the last moment that a certificate can say (RFC 5280 section 4.1.2.5).
const LAST: u64 = 253_402_300_799;

/// Which side shows a certificate.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    #[cfg(feature = "server")]
    Server,
    #[cfg(feature = "client")]
    Client,
}

impl Side {
    fn usage(self) -> KeyUsage {
        match self {
            #[cfg(feature = "server")]
            Self::Server => KeyUsage::server_auth(),
            #[cfg(feature = "client")]
            Self::Client => KeyUsage::client_auth(),
        }
    }

    fn needs_name(self) -> bool {
        match self {
            #[cfg(feature = "server")]
            Self::Server => true,
            #[cfg(feature = "client")]
            Self::Client => false,
        }
    }
}

/// Whether a peer can make anything of this certificate and its key.
pub(super) fn check(shown: &Shown, provider: &CryptoProvider, side: Side) -> Result<(), TlsError> {
    let Shown { chain, key, chain_from, key_from } = shown;
    let parsed: Result<Vec<_>, _> = chain.iter().map(EndEntityCert::try_from).collect();
    let parsed = parsed.map_err(|error| {
        TlsError::new(format!("{chain_from}: there is a certificate that cannot be read: {error}"))
    })?;
    let wrong = |number: usize, why: &str| {
        let which = describe(&chain[number]);
        Err(TlsError::new(format!("{chain_from}: the certificate {which} {why}")))
    };

    let key = provider
        .key_provider
        .load_private_key(key.clone_key())
        .map_err(|error| TlsError::new(format!("{key_from}: this key cannot be used: {error}")))?;
    let belongs = |certificate: &CertificateDer<'static>| {
        let keys = CertifiedKey::new(vec![certificate.clone()], key.clone()).keys_match();
        !matches!(keys, Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)))
    };
    if !belongs(&chain[0]) {
        return match chain.iter().position(belongs) {
            Some(place) => wrong(
                place,
                &format!(
                    "is the one of the key, and stands at place {} of the chain: put it first, then that of \
                     its issuer, and so on",
                    place + 1
                ),
            ),
            None => wrong(0, &format!("does not belong to the key in {key_from}")),
        };
    }
    for (number, pair) in parsed.windows(2).enumerate() {
        if pair[0].issuer() != pair[1].subject() {
            let why = "is not followed by that of its issuer: put the chain in order, or leave out what \
                       does not belong to it";
            return wrong(number, why);
        }
    }

    let algorithms = provider.signature_verification_algorithms.all;
    for (number, certificate) in parsed.iter().enumerate() {
        // There is nobody to trust, so each fails: but by this only if it is otherwise fine.
        let now = UnixTime::now();
        let used =
            certificate.verify_for_usage(algorithms, &[], &[], now, side.usage(), None, None);
        match used.err() {
            Some(Webpki::CertExpired { not_after, .. }) => {
                return wrong(number, &format!("expired on {}", date(not_after)));
            }
            Some(Webpki::CertNotValidYet { not_before, .. }) => {
                return wrong(number, &format!("is not valid before {}", date(not_before)));
            }
            Some(Webpki::CaUsedAsEndEntity) if number == 0 => {
                return wrong(number, "is that of an authority: have it issue one for this use");
            }
            Some(Webpki::RequiredEkuNotFoundContext(_)) if number == 0 => {
                return wrong(number, "is for another use (extendedKeyUsage)");
            }
            _ => {}
        }
    }
    if side.needs_name() && names(&chain[0]).is_empty() {
        let why = "has no name (subjectAltName), by which clients know a server";
        return wrong(0, why);
    }
    Ok(())
}
