//! Certificates, keys and authorities that change while they are in use.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject},
    },
};
use traitwire::tls::{Authorities, ClientTls, Identity, ServerTls};

use crate::{
    certs::{Authority, Issued, expired},
    service::{Events, Served, refusal, say, serve},
};

/// The certificate that a new handshake shows, in DER.
async fn shown(server: &Served, authority: &Authority) -> io::Result<Vec<u8>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = TcpStream::connect(server.addr).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let io = connector.connect("localhost".try_into().unwrap(), socket).await?;
    Ok(io.get_ref().1.peer_certificates().unwrap()[0].to_vec())
}

fn der(issued: &Issued) -> Vec<u8> {
    CertificateDer::from_pem_slice(issued.chain[0].as_bytes()).unwrap().to_vec()
}

#[tokio::test]
async fn by_hand() {
    let authority = Authority::new("authority");
    let first = authority.server();
    let tls = first.tls();
    let server = serve(&tls).await;
    let client = server.client(&authority.client());
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&first));
    say(&client, "before").await.unwrap();
    let second = authority.server();
    assert_ne!((&first.key, &first.serial), (&second.key, &second.serial));
    tls.renew(second.identity()).unwrap();
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&second));
    // The connection that there was goes on.
    say(&client, "after").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_used_changes_nothing() {
    let authority = Authority::new("authority");
    let first = authority.server();
    let tls = first.tls();
    let server = serve(&tls).await;
    let (second, third) = (authority.server(), authority.server());
    let error = tls.renew(Identity::pem(second.chain(), &*third.key)).unwrap_err();
    assert!(error.to_string().contains("does not belong to the key"), "{error}");
    let late = authority.issue_with(&["localhost"], expired);
    let error = tls.renew(late.identity()).unwrap_err();
    assert!(error.to_string().contains("expired on Mon, 03 Feb 2020"), "{error}");
    let error = tls.renew_client_authorities(Authorities::pem("")).unwrap_err();
    assert!(error.to_string().contains("there is no certificate"), "{error}");
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&first));
}

fn write(folder: &Path, issued: &Issued) {
    replace(&folder.join("key.pem"), &issued.key);
    replace(&folder.join("chain.pem"), &issued.chain());
}

/// All of a file at once.
fn replace(path: &Path, text: &str) {
    fs::write(path.with_extension("new"), text).unwrap();
    fs::rename(path.with_extension("new"), path).unwrap();
}

fn files(folder: &Path) -> Identity {
    Identity::files(folder.join("chain.pem"), folder.join("key.pem"))
}

#[tokio::test]
async fn from_files_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("authority");
    let (first, second) = (authority.server(), authority.server());
    write(folder.path(), &first);
    let tls = ServerTls::builder(files(folder.path())).build().unwrap();
    let server = serve(&tls).await;
    assert!(!tls.reload().unwrap(), "nothing is new");
    // Between two files that are written one after the other, they do not belong together.
    fs::write(folder.path().join("key.pem"), &second.key).unwrap();
    let error = tls.reload().unwrap_err().to_string();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let said = format!(
        "{}: the certificate with serial number {} for localhost, 127.0.0.1 does not belong to the key in {}",
        chain.display(),
        first.serial,
        key.display()
    );
    assert_eq!(error, said);
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&first));
    write(folder.path(), &second);
    assert!(tls.reload().unwrap(), "both are new");
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&second));
}

#[tokio::test]
async fn from_files_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("authority");
    let (first, second) = (authority.server(), authority.server());
    write(folder.path(), &first);
    let events = Events::new();
    let tls = ServerTls::builder(files(folder.path())).reload_every(Duration::from_millis(5));
    let server = serve(&tls.build().unwrap()).await;
    assert_eq!(shown(&server, &authority).await.unwrap(), der(&first));
    replace(&folder.path().join("key.pem"), &second.key);
    events.reason_with("does not belong to the key").await;
    write(folder.path(), &second);
    until(async || shown(&server, &authority).await.unwrap() == der(&second)).await;
}

/// Waits until it is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(20), "it is not so after 20 s");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// All certificates change to another authority, and no call is refused on the way.
#[tokio::test]
async fn another_authority_on_both_sides() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let server_tls = ServerTls::builder(old.server().identity())
        .client_authorities(old.trusted())
        .build()
        .unwrap();
    let server = serve(&server_tls).await;
    let client_tls = ClientTls::builder(old.trusted())
        .identity(old.issue(&["old.example"]).identity())
        .build()
        .unwrap();
    let works = async |names: &str| {
        // A channel of its own, so that it shakes hands.
        let said = say(&server.client(&client_tls), "hello").await.unwrap();
        assert_eq!(said, format!("hello by [{names}]"));
    };
    works("old.example").await;
    server_tls.renew_client_authorities(old.trusted().and(new.trusted())).unwrap();
    client_tls.renew_authorities(old.trusted().and(new.trusted())).unwrap();
    works("old.example").await;
    server_tls.renew(new.server().identity()).unwrap();
    works("old.example").await;
    client_tls.renew(new.issue(&["new.example"]).identity()).unwrap();
    works("new.example").await;
    server_tls.renew_client_authorities(new.trusted()).unwrap();
    client_tls.renew_authorities(new.trusted()).unwrap();
    works("new.example").await;
    // Whoever has not come along is a stranger now.
    let left_behind = ClientTls::builder(new.trusted()).identity(old.issue(&["old"]).identity());
    let why = refusal(&server.client(&left_behind.build().unwrap())).await;
    assert!(why.contains("UnknownCA"), "{why}");
}

/// A session that was begun under an authority is not taken up again without it.
#[tokio::test]
async fn a_session_does_not_outlive_its_authority() {
    let (authority, clients) = (Authority::new("authority"), Authority::new("clients"));
    let server_tls = ServerTls::builder(authority.server().identity())
        .client_authorities(clients.trusted())
        .build()
        .unwrap();
    let server = serve(&server_tls).await;
    let client_tls = ClientTls::builder(authority.trusted())
        .identity(clients.issue(&["alice"]).identity())
        .build()
        .unwrap();
    // Two handshakes, so that there is a ticket, and it is good.
    for _ in 0..2 {
        say(&server.client(&client_tls), "hello").await.unwrap();
    }
    server_tls.renew_client_authorities(Authority::new("others").trusted()).unwrap();
    let why = refusal(&server.client(&client_tls)).await;
    assert!(why.contains("UnknownCA"), "{why}");
}

/// Calls on old and new connections while everything is renewed again and again, on both sides.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load() {
    let renewals = std::env::var("CASES").map_or(20, |it| it.parse().unwrap());
    let authority = Authority::new("authority");
    let clients = Authority::new("clients");
    let server_tls = ServerTls::builder(authority.server().identity())
        .client_authorities(clients.trusted())
        .build()
        .unwrap();
    let server = Arc::new(serve(&server_tls).await);
    let client_tls = ClientTls::builder(authority.trusted())
        .identity(clients.issue(&["alice"]).identity())
        .build()
        .unwrap();
    let ends = Arc::new(AtomicBool::new(false));
    let calls = Arc::new(AtomicU64::new(0));
    let mut callers = Vec::new();
    for caller in 0..4 {
        let (server, tls) = (Arc::clone(&server), client_tls.clone());
        let (ends, calls) = (Arc::clone(&ends), Arc::clone(&calls));
        callers.push(tokio::spawn(async move {
            let mut client = server.client(&tls);
            while !ends.load(Relaxed) {
                let call = calls.fetch_add(1, Relaxed);
                let words = format!("{caller}, {call}");
                let said = say(&client, &words).await.expect("no call is lost");
                assert_eq!(said, format!("{words} by [alice]"));
                // Half of them stay on one connection.
                if caller % 2 == 0 {
                    client = server.client(&tls);
                }
            }
        }));
    }
    for _ in 0..renewals {
        let before = calls.load(Relaxed);
        let new = authority.server();
        server_tls.renew(new.identity()).unwrap();
        client_tls.renew(clients.issue(&["alice"]).identity()).unwrap();
        // What is new is shown at once, by a server that asks for a certificate as well.
        assert_eq!(shown(&server, &authority).await.unwrap(), der(&new));
        until(async || calls.load(Relaxed) > before).await;
    }
    ends.store(true, Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    println!("{renewals} renewals under {} calls, and none of them lost", calls.load(Relaxed));
}
