//! Authorities of our own, and what they issue.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, SerialNumber,
};
use traitwire::tls::{Authorities, ClientTls, Identity, ServerTls};

/// An authority, with the certificates that stand between it and the root.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    between: Vec<String>,
}

/// What an authority has issued.
#[derive(Clone)]
pub(crate) struct Issued {
    /// PEM: its own certificate, then those between.
    pub(crate) chain: Vec<String>,
    pub(crate) key: String,
    /// As the library writes it.
    pub(crate) serial: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let issuer = CertifiedIssuer::self_signed(of_authority(name), key()).unwrap();
        Self { issuer, between: Vec::new() }
    }

    /// One whose certificate this one has issued.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let issuer = CertifiedIssuer::signed_by(of_authority(name), key(), &self.issuer).unwrap();
        let between = [vec![issuer.pem()], self.between.clone()].concat();
        Self { issuer, between }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn trusted(&self) -> Authorities {
        Authorities::pem(self.pem())
    }

    /// A certificate for these names.
    pub(crate) fn issue(&self, names: &[&str]) -> Issued {
        self.issue_with(names, |_| {})
    }

    pub(crate) fn issue_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        static SERIAL: AtomicU64 = AtomicU64::new(0x1000);
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let serial = SERIAL.fetch_add(1, Relaxed);
        params.serial_number = Some(SerialNumber::from(serial.to_be_bytes()[6..].to_vec()));
        change(&mut params);
        let key = key();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        let chain = [vec![pem], self.between.clone()].concat();
        Issued { chain, key: key.serialize_pem(), serial: format!("{serial:04x}") }
    }

    /// A certificate for this machine.
    pub(crate) fn server(&self) -> Issued {
        self.issue(&["localhost", "127.0.0.1"])
    }

    /// A client that trusts this authority.
    pub(crate) fn client(&self) -> ClientTls {
        ClientTls::builder(self.trusted()).build().unwrap()
    }
}

impl Issued {
    pub(crate) fn chain(&self) -> String {
        self.chain.concat()
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::pem(self.chain(), &*self.key)
    }

    /// A server that shows this.
    pub(crate) fn tls(&self) -> ServerTls {
        ServerTls::builder(self.identity()).build().unwrap()
    }
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn of_authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

pub(crate) fn expired(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 2, 3);
}

pub(crate) fn not_yet_valid(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2222, 2, 2);
    params.not_after = rcgen::date_time_ymd(2223, 2, 2);
}

pub(crate) fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}
