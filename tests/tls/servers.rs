//! Servers that a client refuses. They are stock ones, because ours would not begin.

use std::sync::Arc;

use tokio::{io::AsyncReadExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use traitwire::{Channel, Server, tls::ClientTls};

use crate::{
    certs::{Authority, Issued, expired, for_clients, not_yet_valid},
    service::{WhoClient, refusal, serve_by},
};

/// Shakes hands with one caller after the other, by these protocols; where it listens.
async fn stock(issued: &Issued, protocols: &[&str]) -> std::net::SocketAddr {
    let chain = CertificateDer::pem_slice_iter(issued.chain().as_bytes()).collect::<Result<_, _>>();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.unwrap(), key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            if let Ok(mut io) = acceptor.accept(socket).await {
                let _ = io.read_to_end(&mut Vec::new()).await;
            }
        }
    });
    addr
}

fn client(addr: std::net::SocketAddr, tls: ClientTls) -> WhoClient {
    let channel = Channel::builder(format!("https://{addr}")).tls(tls);
    WhoClient::new(channel.connect_lazy().unwrap())
}

/// Why the client refuses the server, after "no TLS with …: ".
async fn refused(issued: &Issued, protocols: &[&str], tls: ClientTls) -> String {
    let addr = stock(issued, protocols).await;
    let why = refusal(&client(addr, tls)).await;
    why.strip_prefix(&format!("no TLS with {addr}: ")).unwrap_or(&why).to_owned()
}

#[tokio::test]
async fn certificates_that_are_not_good() {
    let authority = Authority::new("authority");
    let of = async |issued: &Issued| refused(issued, &["h2"], authority.client()).await;
    let which = |issued: &Issued, rest: &str| {
        format!("its certificate with serial number {}{rest}", issued.serial)
    };

    let late = authority.issue_with(&["127.0.0.1"], expired);
    let said = which(&late, " for 127.0.0.1 expired on Mon, 03 Feb 2020 00:00:00 GMT");
    assert_eq!(of(&late).await, said);

    let early = authority.issue_with(&["127.0.0.1"], not_yet_valid);
    let said = which(&early, " for 127.0.0.1 is not valid before Sat, 02 Feb 2222 00:00:00 GMT");
    assert_eq!(of(&early).await, said);

    let other = authority.issue(&["shop.example", "10.0.0.1"]);
    let said = " for shop.example, 10.0.0.1 is not for 127.0.0.1, but for shop.example, 10.0.0.1";
    assert_eq!(of(&other).await, which(&other, said));

    let nameless = authority.issue(&[]);
    let said = " has no name (subjectAltName), so it is not for 127.0.0.1";
    assert_eq!(of(&nameless).await, which(&nameless, said));

    let stranger = Authority::new("stranger").server();
    let said = " for localhost, 127.0.0.1 was issued by no authority that is trusted here";
    assert_eq!(of(&stranger).await, which(&stranger, said));

    let other = authority.issue_with(&["127.0.0.1"], for_clients);
    let said = which(&other, " for 127.0.0.1 is for another use (extendedKeyUsage)");
    assert_eq!(of(&other).await, said);

    // Without what is between, nobody can tell who issued it.
    let mut alone = authority.intermediate("between").server();
    alone.chain.truncate(1);
    let said = " for localhost, 127.0.0.1 was issued by no authority that is trusted here";
    assert_eq!(of(&alone).await, which(&alone, said));
}

#[tokio::test]
async fn servers_that_do_not_speak_http_2() {
    let authority = Authority::new("authority");
    let issued = authority.server();
    let without = refused(&issued, &[], authority.client()).await;
    assert_eq!(without, "it speaks TLS, but has not agreed to HTTP/2 (ALPN h2)");
    let other = refused(&issued, &["http/1.1"], authority.client()).await;
    let said = "it does not speak HTTP/2 here, or was not asked to (ALPN h2) (TLS alert NoApplicationProtocol)";
    assert_eq!(other, said);
}

#[tokio::test]
async fn servers_without_tls() {
    let authority = Authority::new("authority");
    let events = crate::service::Events::new();
    let server = serve_by(Server::new()).await;
    let why = refusal(&server.client(&authority.client())).await;
    let said = "it closed the connection instead of a TLS handshake";
    assert_eq!(why, format!("no TLS with {}: {said}", server.addr));
    assert_eq!(events.reason().await, "the caller begins TLS, which this port does not take");

    for begins in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut socket, begins.as_bytes()).await.unwrap();
            let _ = socket.read_to_end(&mut Vec::new()).await;
        });
        let why = refusal(&client(addr, authority.client())).await;
        assert_eq!(why, format!("no TLS with {addr}: it does not speak TLS"));
    }
}

/// One that accepts and says nothing.
#[tokio::test]
async fn a_server_that_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let limit = std::time::Duration::from_millis(200);
    let tls = Authority::new("authority").client();
    let channel = Channel::builder(format!("https://{addr}")).tls(tls).connect_timeout(limit);
    let why = refusal(&WhoClient::new(channel.connect_lazy().unwrap())).await;
    assert_eq!(why, format!("no TLS with {addr} within 200ms"));
}

/// Our certificate is not among those of the platform, which is asked where nothing is said of whom to trust.
#[cfg(feature = "native-roots")]
#[tokio::test]
async fn the_authorities_of_the_platform() {
    let authority = Authority::new("authority");
    let server = crate::service::serve(&authority.server().tls()).await;
    let why = match Channel::builder(server.uri()).connect().await {
        Err(error) => error.to_string(),
        Ok(_) => panic!("nobody has told the platform"),
    };
    let no_authorities = why.contains("the authorities of the platform: none are found");
    assert!(no_authorities || why.contains("was issued by no authority"), "{why}");
}
