//! Certificates, keys and authorities, from PEM or from files of it.

use std::{fmt, fs, path::PathBuf};

use super::{
    TlsError,
    rustls::{
        RootCertStore,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
    },
};

/// A certificate with its key, and the certificates between it and an authority: what one side shows the other.
///
/// They are PEM, in this order: the certificate itself, that of its issuer, that of the issuer of that, and
/// so on; the last one, that of the authority itself, may be left out. The key is PKCS #8, PKCS #1 or SEC 1.
#[derive(Clone)]
#[must_use]
pub struct Identity {
    chain: Source,
    key: Source,
}

impl Identity {
    /// From PEM.
    pub fn pem(chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self { chain: Source::Given(chain.into()), key: Source::Given(key.into()) }
    }

    /// From files of PEM, which are read when they are used, and once more by each `reload`.
    pub fn files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { chain: Source::File(chain.into()), key: Source::File(key.into()) }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("chain", &self.chain.to_string()).finish_non_exhaustive()
    }
}

/// The authorities whose certificates are trusted.
#[derive(Clone)]
#[must_use]
pub struct Authorities(Vec<Source>);

impl Authorities {
    /// From PEM: the certificate of each of them.
    pub fn pem(certificates: impl Into<Vec<u8>>) -> Self {
        Self(vec![Source::Given(certificates.into())])
    }

    /// From a file of PEM, which is read when it is used, and once more by each `reload`.
    pub fn file(certificates: impl Into<PathBuf>) -> Self {
        Self(vec![Source::File(certificates.into())])
    }

    /// Those that the platform trusts.
    #[cfg(feature = "tls-native-roots")]
    pub fn platform() -> Self {
        Self(vec![Source::Platform])
    }

    /// These and the others, such as the old ones and the new ones while all certificates are replaced.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(ToString::to_string)).finish()
    }
}

#[derive(Clone)]
enum Source {
    Given(Vec<u8>),
    File(PathBuf),
    #[cfg(feature = "tls-native-roots")]
    Platform,
}

impl Source {
    fn read(&self) -> Result<Vec<u8>, TlsError> {
        match self {
            Self::Given(pem) => Ok(pem.clone()),
            Self::File(path) => {
                fs::read(path).map_err(|error| TlsError::new(format!("{self}: {error}")))
            }
            #[cfg(feature = "tls-native-roots")]
            Self::Platform => Ok(Vec::new()),
        }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        #[cfg(feature = "tls-native-roots")]
        if let Self::Platform = self {
            let found = rustls_native_certs::load_native_certs();
            return match found.certs.is_empty() {
                true => Err(TlsError::new(format!("{self}: none are found: {:?}", found.errors))),
                false => Ok(found.certs),
            };
        }
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.read()?).collect();
        match read {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            Ok(_) => {
                let wanted = "it begins with -----BEGIN CERTIFICATE-----";
                Err(TlsError::new(format!("{self}: there is no certificate in PEM; {wanted}")))
            }
            Err(error) => Err(TlsError::new(format!("{self}: this is no PEM: {error}"))),
        }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.read()?).map_err(|error| match error {
            pem::Error::NoItemsFound => {
                let wanted =
                    "it begins with -----BEGIN PRIVATE KEY-----, or EC or RSA before PRIVATE";
                TlsError::new(format!("{self}: there is no key in PEM; {wanted}"))
            }
            error => TlsError::new(format!("{self}: this is no PEM: {error}")),
        })
    }
}

/// What it is called in errors.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("the given PEM"),
            Self::File(path) => path.display().fmt(f),
            #[cfg(feature = "tls-native-roots")]
            Self::Platform => f.write_str("the authorities of the platform"),
        }
    }
}

/// Where everything comes from.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    pub(super) identity: Option<Identity>,
    pub(super) authorities: Option<Authorities>,
}

/// What has been read.
#[derive(PartialEq)]
pub(super) struct Material {
    pub(super) identity: Option<Shown>,
    pub(super) authorities: Option<Vec<Trusted>>,
}

/// What one side shows the other.
#[derive(PartialEq)]
pub(super) struct Shown {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    /// Where they come from.
    pub(super) chain_from: String,
    pub(super) key_from: String,
}

#[derive(PartialEq)]
pub(super) struct Trusted {
    certificates: Vec<CertificateDer<'static>>,
    from: String,
    /// Whether one that cannot be read is passed over, of which those of a platform have some.
    is_lenient: bool,
}

impl Sources {
    pub(super) fn read(&self) -> Result<Material, TlsError> {
        let shown = |it: &Identity| {
            let (chain_from, key_from) = (it.chain.to_string(), it.key.to_string());
            Ok::<_, TlsError>(Shown {
                chain: it.chain.certificates()?,
                key: it.key.key()?,
                chain_from,
                key_from,
            })
        };
        let trusted = |from: &Source| {
            let is_lenient = !matches!(from, Source::Given(_) | Source::File(_));
            let certificates = from.certificates()?;
            Ok::<_, TlsError>(Trusted { certificates, from: from.to_string(), is_lenient })
        };
        let authorities = self.authorities.as_ref();
        Ok(Material {
            identity: self.identity.as_ref().map(shown).transpose()?,
            authorities: authorities.map(|it| it.0.iter().map(trusted).collect()).transpose()?,
        })
    }
}

/// The authorities, as rustls wants them.
pub(super) fn roots(trusted: &[Trusted]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for Trusted { certificates, from, is_lenient } in trusted {
        for (index, certificate) in certificates.iter().enumerate() {
            match roots.add(certificate.clone()) {
                Err(error) if !is_lenient => {
                    let number = index + 1;
                    let why = format!("{from}: certificate {number} cannot be used: {error}");
                    return Err(TlsError::new(why));
                }
                _ => {}
            }
        }
    }
    Ok(roots)
}
