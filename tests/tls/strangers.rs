//! Clients that a server refuses.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use traitwire::{
    Channel, Server,
    tls::{ClientTls, ServerTls},
};

use crate::{
    certs::{Authority, Issued, expired},
    service::{Events, Served, WhoClient, refusal, say, serve, serve_by},
};

/// A stock client's handshake.
async fn stock(
    server: &Served,
    authority: &Authority,
    issued: Option<&Issued>,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match issued {
        Some(issued) => {
            let chain = issued.chain();
            let chain = CertificateDer::pem_slice_iter(chain.as_bytes());
            let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
            config.with_client_auth_cert(chain.collect::<Result<_, _>>().unwrap(), key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let socket = TcpStream::connect(server.addr).await?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), socket).await
}

async fn mutual() -> (Authority, Authority, Served) {
    let (authority, clients) = (Authority::new("authority"), Authority::new("clients"));
    let tls = ServerTls::builder(authority.server().identity());
    let server = serve(&tls.client_authorities(clients.trusted()).build().unwrap()).await;
    (authority, clients, server)
}

#[tokio::test]
async fn without_a_certificate() {
    let (authority, _, server) = mutual().await;
    let events = Events::new();
    let why = refusal(&server.client(&authority.client())).await;
    let addr = server.addr;
    let said = "it wants a certificate, and was shown none (TLS alert CertificateRequired)";
    assert_eq!(why, format!("the connection to {addr} was lost: {said}"));
    let said = "it has shown no certificate, and only clients with one may call";
    assert_eq!(events.reason().await, said);
}

/// However busy the machine is, the client hears why, and not that it was reset.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reason_arrives_each_time() {
    let (authority, _, server) = mutual().await;
    for _ in 0..50 {
        let why = refusal(&server.client(&authority.client())).await;
        assert!(why.ends_with("(TLS alert CertificateRequired)"), "{why}");
    }
}

#[tokio::test]
async fn with_the_certificate_of_a_stranger() {
    let (authority, _, server) = mutual().await;
    let events = Events::new();
    let stranger = Authority::new("stranger").issue(&["mallory.example"]);
    let tls = ClientTls::builder(authority.trusted()).identity(stranger.identity());
    let why = refusal(&server.client(&tls.build().unwrap())).await;
    let said =
        "it trusts no authority that issued the certificate it was shown (TLS alert UnknownCA)";
    assert_eq!(why, format!("the connection to {} was lost: {said}", server.addr));
    assert_eq!(
        events.reason().await,
        format!(
            "its certificate with serial number {} for mallory.example was issued by no authority that is \
             trusted here",
            stranger.serial
        )
    );
}

#[tokio::test]
async fn with_a_certificate_that_has_expired() {
    let (authority, clients, server) = mutual().await;
    let events = Events::new();
    let late = clients.issue_with(&["alice.example"], expired);
    let mut io = stock(&server, &authority, Some(&late), &["h2"]).await.unwrap();
    let refused = io.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert!(refused.to_string().contains("CertificateExpired"), "{refused}");
    assert_eq!(
        events.reason().await,
        format!(
            "its certificate with serial number {} for alice.example expired on Mon, 03 Feb 2020 00:00:00 GMT",
            late.serial
        )
    );
}

/// The client does not trust the server; the server is told so.
#[tokio::test]
async fn a_client_that_does_not_trust() {
    let server = serve(&Authority::new("authority").server().tls()).await;
    let events = Events::new();
    refusal(&server.client(&Authority::new("another").client())).await;
    let said =
        "it trusts no authority that issued the certificate it was shown (TLS alert UnknownCA)";
    assert_eq!(events.reason().await, said);
}

#[tokio::test]
async fn a_client_that_does_not_ask_for_http_2() {
    let authority = Authority::new("authority");
    let server = serve(&authority.server().tls()).await;
    for (protocols, said) in [
        (&[][..], "it does not ask for HTTP/2: it has no ALPN, where h2 is wanted"),
        (
            &["http/1.1", "http/1.0"][..],
            "it does not ask for HTTP/2: by ALPN it asks for http/1.1, http/1.0, not for h2",
        ),
    ] {
        let events = Events::new();
        let error = stock(&server, &authority, None, protocols).await.unwrap_err();
        assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");
        assert_eq!(events.reason().await, said);
    }
}

#[tokio::test]
async fn a_client_without_tls() {
    let server = serve(&Authority::new("authority").server().tls()).await;
    let events = Events::new();
    let channel = Channel::builder(format!("http://{}", server.addr)).connect_lazy().unwrap();
    let why = refusal(&WhoClient::new(channel)).await;
    let said = "GOAWAY INADEQUATE_SECURITY, \"this port takes TLS: use https://\"";
    assert_eq!(why, format!("{} ended the connection: {said}", server.addr));
    let said = "it speaks HTTP/2 without TLS, which this port takes: https://, not http://";
    assert_eq!(events.reason().await, said);

    let events = Events::new();
    let mut socket = TcpStream::connect(server.addr).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(socket.read(&mut [0; 100]).await.unwrap(), 0);
    assert_eq!(events.reason().await, "it does not begin with TLS");
}

/// A stock server of TLS answers a client without it by an alert.
#[tokio::test]
async fn an_alert_in_place_of_http_2() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let alert = [21, 3, 3, 0, 2, 2, 70];
        // Frames have heads of nine bytes; what follows in reality is the end.
        socket.write_all(&alert).await.unwrap();
        socket.shutdown().await.unwrap();
        let _ = socket.read_to_end(&mut Vec::new()).await;
    });
    let channel = Channel::builder(format!("http://{addr}")).connect_lazy().unwrap();
    let why = refusal(&WhoClient::new(channel)).await;
    assert_eq!(why, format!("{addr} speaks TLS: use https://"));
}

/// Who says nothing, or stops in the middle, does not stay, and others are served meanwhile.
#[tokio::test]
async fn those_who_never_end_their_handshake() {
    let authority = Authority::new("authority");
    let server = Server::new().tls(authority.server().tls());
    let server = serve_by(server.preface_timeout(Duration::from_millis(300))).await;
    let hello = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];
    let mut held = Vec::new();
    for said in [0, 1, 5, hello.len()] {
        let mut socket = TcpStream::connect(server.addr).await.unwrap();
        socket.write_all(&hello[..said]).await.unwrap();
        held.push(socket);
    }
    assert_eq!(say(&server.client(&authority.client()), "hello").await.unwrap(), "hello by []");
    // After the handshake, nothing.
    let mut silent = stock(&server, &authority, None, &["h2"]).await.unwrap();
    for socket in &mut held {
        let read = timeout(Duration::from_secs(20), socket.read_to_end(&mut Vec::new())).await;
        read.expect("it is hung up on").ok();
    }
    let read = timeout(Duration::from_secs(20), silent.read_to_end(&mut Vec::new())).await;
    read.expect("it is hung up on").ok();
}

/// Handshakes are counted as connections.
#[tokio::test]
async fn more_handshakes_than_there_may_be() {
    let authority = Authority::new("authority");
    let server = Server::new().tls(authority.server().tls()).max_connections(2);
    let server = serve_by(server.preface_timeout(Duration::from_millis(500))).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(TcpStream::connect(server.addr).await.unwrap());
    }
    // The call waits until the silent ones, two by two, are gone, and then it is served.
    assert_eq!(say(&server.client(&authority.client()), "hello").await.unwrap(), "hello by []");
    for mut socket in held {
        assert_eq!(socket.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
}
