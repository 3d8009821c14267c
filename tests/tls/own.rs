//! Own certificates that are refused before anybody sees them.

use traitwire::{
    Channel,
    tls::{Authorities, ClientTls, Identity, ServerTls},
};

use crate::certs::{Authority, Issued, expired, for_clients, not_yet_valid};

/// Why a server cannot show this.
fn refused(chain: &str, key: &str) -> String {
    ServerTls::builder(Identity::pem(chain, key)).build().unwrap_err().to_string()
}

fn of(issued: &Issued) -> String {
    refused(&issued.chain(), &issued.key)
}

#[test]
fn a_key_of_another_certificate() {
    let authority = Authority::new("authority");
    let (one, other) = (authority.server(), authority.server());
    assert_eq!(
        refused(&one.chain(), &other.key),
        format!(
            "the given PEM: the certificate with serial number {} for localhost, 127.0.0.1 does not belong to \
             the key in the given PEM",
            one.serial
        )
    );
}

#[test]
fn a_chain_in_the_wrong_order() {
    let lower = Authority::new("authority").intermediate("upper").intermediate("lower");
    let issued = lower.server();
    let [own, first, second] = &issued.chain[..] else { panic!("three certificates") };
    ServerTls::builder(issued.identity()).build().unwrap();
    assert_eq!(
        refused(&[&**first, own, second].concat(), &issued.key),
        format!(
            "the given PEM: the certificate with serial number {} for localhost, 127.0.0.1 is the one of the \
             key, and stands at place 2 of the chain: put it first, then that of its issuer, and so on",
            issued.serial
        )
    );
    assert_eq!(
        refused(&[&**own, second, first].concat(), &issued.key),
        format!(
            "the given PEM: the certificate with serial number {} for localhost, 127.0.0.1 is not followed by \
             that of its issuer: put the chain in order, or leave out what does not belong to it",
            issued.serial
        )
    );
}

#[test]
fn at_another_time() {
    let authority = Authority::new("authority");
    let late = authority.issue_with(&["localhost"], expired);
    assert_eq!(
        of(&late),
        format!(
            "the given PEM: the certificate with serial number {} for localhost expired on Mon, 03 Feb 2020 \
             00:00:00 GMT",
            late.serial
        )
    );
    let early = authority.issue_with(&["localhost"], not_yet_valid);
    assert_eq!(
        of(&early),
        format!(
            "the given PEM: the certificate with serial number {} for localhost is not valid before Sat, 02 Feb \
             2222 00:00:00 GMT",
            early.serial
        )
    );
}

#[test]
fn for_another_use() {
    let authority = Authority::new("authority");
    let nameless = authority.issue(&[]);
    assert_eq!(
        of(&nameless),
        format!(
            "the given PEM: the certificate with serial number {} has no name (subjectAltName), by which \
             clients know a server",
            nameless.serial
        )
    );
    // A client needs no name.
    ClientTls::builder(authority.trusted()).identity(nameless.identity()).build().unwrap();
    assert!(of(&authority.issue_with(&["localhost"], for_clients)).contains("is for another use"));
    let itself = authority.issue_with(&["localhost"], |params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    assert!(of(&itself).contains("is that of an authority"));
}

#[test]
fn what_is_no_pem() {
    let issued = Authority::new("authority").server();
    assert_eq!(
        refused("", &issued.key),
        "the given PEM: there is no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----"
    );
    assert_eq!(
        refused(&issued.chain(), &issued.chain()),
        "the given PEM: there is no key in PEM; it begins with -----BEGIN PRIVATE KEY-----, or EC or RSA before \
         PRIVATE"
    );
    assert!(refused("-----BEGIN CERTIFICATE-----\nAAAA\n", &issued.key).contains("this is no PEM"));
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(refused(rubbish, &issued.key).contains("a certificate that cannot be read"));
    let rubbish = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(refused(&issued.chain(), rubbish).contains("this key cannot be used"));
}

#[test]
fn files_and_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    let error = ServerTls::builder(Identity::files(&missing, &missing)).build().unwrap_err();
    assert!(error.to_string().starts_with(&format!("{}: ", missing.display())), "{error}");
    let error = ClientTls::builder(Authorities::file(&missing)).build().unwrap_err();
    assert!(error.to_string().starts_with(&format!("{}: ", missing.display())), "{error}");
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = ClientTls::builder(Authorities::pem(rubbish)).build().unwrap_err();
    assert!(
        error.to_string().starts_with("the given PEM: certificate 1 cannot be used"),
        "{error}"
    );
}

/// No key is in what is printed for those who look for a fault.
#[test]
fn a_key_is_not_printed() {
    let issued = Authority::new("authority").server();
    let printed = format!("{:?} {:?}", issued.identity(), ServerTls::builder(issued.identity()));
    assert!(!printed.contains("KEY") && !printed.contains("key:"), "{printed}");
}

#[tokio::test]
async fn tls_without_https_and_https_without_a_name() {
    let authority = Authority::new("authority");
    let wrong = |uri: &str| {
        let channel = Channel::builder(uri).tls(authority.client());
        channel.connect_lazy().unwrap_err().to_string()
    };
    let without =
        "http://localhost:1/ is without TLS: name the server by https://, or give no `tls`";
    assert_eq!(wrong("http://localhost:1"), without);
    assert!(wrong("unix:/run/shop.sock").contains("is without TLS"));
    assert_eq!(wrong("https://a..b:1"), "\"a..b\" is no name that a certificate can have");
}
