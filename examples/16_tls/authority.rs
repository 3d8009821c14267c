//! An authority: it issues certificates, and those who trust it believe them.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use workbook::Result;

/// An authority, with the key that must never leave it.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// What others have to know to trust it.
    pub fn certificate(&self) -> String {
        self.0.pem()
    }

    /// Makes a new key, and a certificate that says whose it is.
    pub fn issue(&self, names: &[&str]) -> Result<Issued> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(names)?.signed_by(&key, &self.0)?;
        Ok(Issued { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

/// A certificate, and the key to it.
pub struct Issued {
    /// For everybody.
    pub certificate: String,
    /// For its owner alone.
    pub key: String,
}

impl Issued {
    /// Writes both into a folder.
    pub fn write(&self, folder: &Path, name: &str) -> Result {
        fs::write(folder.join(name).with_extension("pem"), &self.certificate)?;
        fs::write(folder.join(name).with_extension("key"), &self.key)?;
        Ok(())
    }
}

/// Makes the first authority, and what it issues: to the server, and to Ada.
pub fn first(folder: &Path) -> Result {
    fs::create_dir_all(folder)?;
    let authority = Authority::new("the first authority")?;
    fs::write(folder.join("authorities.pem"), authority.certificate())?;
    authority.issue(&["localhost", "127.0.0.1"])?.write(folder, "server")?;
    authority.issue(&["ada.example"])?.write(folder, "ada")
}
