//! Calls that come through.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use traitwire::{Channel, Listeners, Server, StreamExt, tls::ClientTls};

use crate::{
    certs::Authority,
    service::{Named, Who, WhoClient, WhoServer, say, serve, serve_by},
};

#[tokio::test]
async fn without_certificates_of_clients() {
    let authority = Authority::new("authority");
    let server = serve(&authority.server().tls()).await;
    let client = server.client(&authority.client());
    assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
    let mut read = 0;
    let mut poured = client.pour(3 << 20);
    while let Some(message) = poured.next().await {
        read += message.unwrap().len();
    }
    assert_eq!(read, 3 << 20);
}

#[tokio::test]
async fn who_calls_is_known_by_all_names() {
    let authority = Authority::new("authority").intermediate("between");
    let root = Authority::new("clients");
    let clients = root.intermediate("team");
    let tls = traitwire::tls::ServerTls::builder(authority.server().identity());
    let server = serve(&tls.client_authorities(root.trusted()).build().unwrap()).await;
    // The server's certificate hangs from an authority that is not trusted itself, but the one above it.
    let above = ClientTls::builder(authority.trusted());
    let identity = clients.issue(&["alice.example", "10.1.2.3"]).identity();
    let client = server.client(&above.identity(identity).build().unwrap());
    assert_eq!(say(&client, "hello").await.unwrap(), "hello by [alice.example, 10.1.2.3]");
}

#[tokio::test]
async fn some_clients_have_a_certificate() {
    let (authority, clients) = (Authority::new("authority"), Authority::new("clients"));
    let tls = traitwire::tls::ServerTls::builder(authority.server().identity())
        .client_authorities(clients.trusted())
        .allow_anonymous();
    let server = serve(&tls.build().unwrap()).await;
    let anonymous = server.client(&authority.client());
    assert_eq!(say(&anonymous, "hello").await.unwrap(), "hello by []");
    let tls = ClientTls::builder(authority.trusted()).identity(clients.issue(&["bob"]).identity());
    let bob = server.client(&tls.build().unwrap());
    assert_eq!(say(&bob, "hello").await.unwrap(), "hello by [bob]");
}

/// The name that the certificate must have is that of the calls, whatever is dialled.
#[tokio::test]
async fn under_another_name() {
    let authority = Authority::new("authority");
    let server = serve(&authority.issue(&["shop.example"]).tls()).await;
    let channel = Channel::builder(server.uri()).authority("shop.example").tls(authority.client());
    let client = WhoClient::new(channel.connect_lazy().unwrap());
    assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
}

/// TLS begins behind what a balancer says, and goes through a tunnel.
#[tokio::test]
async fn behind_a_balancer() {
    let authority = Authority::new("authority");
    let server = Server::new().tls(authority.server().tls()).proxy_protocol();
    let server = serve_by(server).await;
    let addr = server.addr;
    let connector = tower::service_fn(move |_| async move {
        let mut socket = TcpStream::connect(addr).await?;
        socket.write_all(b"PROXY TCP4 192.0.2.7 192.0.2.1 41234 443\r\n").await?;
        Ok::<_, io::Error>(socket)
    });
    let channel = Channel::builder(server.uri()).connector(connector).tls(authority.client());
    let client = WhoClient::new(channel.connect_lazy().unwrap());
    assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
}

/// A proxy is given what is encrypted. Without TLS the client does not begin.
#[tokio::test]
async fn through_a_proxy() {
    let authority = Authority::new("authority");
    let server = serve(&authority.server().tls()).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_uri = format!("http://{}", proxy.local_addr().unwrap());
    let (seen, mut first_bytes) = tokio::sync::mpsc::unbounded_channel();
    let addr = server.addr;
    tokio::spawn(async move {
        let (mut caller, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(caller.read_u8().await.unwrap());
        }
        caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut server = TcpStream::connect(addr).await.unwrap();
        let first = caller.read_u8().await.unwrap();
        seen.send(first).unwrap();
        server.write_u8(first).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut caller, &mut server).await;
    });
    let channel = Channel::builder(server.uri()).tls(authority.client()).proxy(&proxy_uri);
    let client = WhoClient::new(channel.connect_lazy().unwrap());
    assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
    assert_eq!(first_bytes.recv().await, Some(22), "a handshake");
    if cfg!(not(feature = "native-roots")) {
        let without = Channel::builder(server.uri()).proxy(&proxy_uri).connect_lazy();
        assert!(without.unwrap_err().to_string().contains("say with `tls` whom to trust"));
    }
}

#[tokio::test]
async fn on_several_addresses() {
    let authority = Authority::new("authority");
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addrs = [first.local_addr().unwrap(), second.local_addr().unwrap()];
    let server = Server::new().add(WhoServer::new(Named)).tls(authority.server().tls());
    let listeners = Listeners::new().add(first).add(second);
    tokio::spawn(server.serve(listeners, std::future::pending()));
    for addr in addrs {
        let channel = Channel::builder(format!("https://{addr}")).tls(authority.client());
        let client = WhoClient::new(channel.connect_lazy().unwrap());
        assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
    }
}

/// What is encrypted and not taken must not stay for ever.
#[tokio::test]
async fn a_caller_that_reads_nothing_is_cut() {
    let events = crate::service::Events::new();
    let authority = Authority::new("authority");
    let server = Server::new().tls(authority.server().tls());
    let server = serve_by(server.write_timeout(Duration::from_millis(300))).await;
    let addr = server.addr;
    // A pipe that takes what the client sends, and after the handshake nothing of what the server answers.
    let connector = tower::service_fn(move |_| async move {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let socket = TcpStream::connect(addr).await?;
        let (mut from_server, mut to_server) = socket.into_split();
        let (mut from_client, mut to_client) = tokio::io::split(theirs);
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
        tokio::spawn(async move {
            let mut some = (&mut from_server).take(256 * 1024);
            let copied = tokio::io::copy(&mut some, &mut to_client).await;
            std::future::pending::<()>().await;
            drop((copied, from_server));
        });
        Ok::<_, io::Error>(ours)
    });
    let channel = Channel::builder(server.uri()).connector(connector).tls(authority.client());
    let client =
        WhoClient::new(channel.initial_stream_window_size(u32::MAX).connect_lazy().unwrap());
    let mut poured = client.pour(1 << 30);
    tokio::spawn(async move { while poured.next().await.is_some() {} });
    assert!(events.reason().await.contains("takes nothing of what is sent"));
}
