//! Proxies: ones that hand on bytes, and one of gRPC, made of the server's half and the client's.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use traitwire::{Channel, Code, MethodPath, RawClient, Request, Server, Status, unknown_methods};
use traitwire_tests::{serve, serve_all};

use crate::{
    contract::{Echo, EchoClient, EchoServer, Parrot, assert_failure, note, notes},
    layers::ends,
};

/// A proxy for one connection: `steps` are how many bytes it reads, and what it says to them. Then it hands
/// on to `server`. The task gives what it has read.
async fn proxy(
    server: SocketAddr,
    steps: Vec<(usize, Vec<u8>)>,
) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let talk = tokio::spawn(async move {
        let (mut caller, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        for (length, answer) in steps {
            let start = read.len();
            read.resize(start + length, 0);
            caller.read_exact(&mut read[start..]).await.unwrap();
            caller.write_all(&answer).await.unwrap();
        }
        let mut server = TcpStream::connect(server).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut caller, &mut server).await });
        read
    });
    (addr, talk)
}

#[tokio::test]
async fn a_connection_goes_through_http_connect() {
    let server = serve(EchoServer::new(Parrot)).await;
    let asked = "CONNECT shop.example:50051 HTTP/1.1\r\nHost: shop.example:50051\r\n\
                 Proxy-Authorization: Basic bWU6c2VlZHM=\r\n\r\n";
    let steps = vec![(asked.len(), b"HTTP/1.1 200 OK\r\n\r\n".to_vec())];
    let (addr, talk) = proxy(server.addr, steps).await;
    let channel =
        Channel::builder("http://shop.example:50051").proxy(format!("http://me:seeds@{addr}"));
    let echo = EchoClient::new(channel.connect().await.unwrap());
    assert_eq!(ends(&echo).await, [Code::Ok; 4]);
    assert_eq!(
        String::from_utf8(talk.await.unwrap()).unwrap().to_lowercase(),
        asked.to_lowercase()
    );
}

#[tokio::test]
async fn a_connection_goes_through_socks5() {
    let server = serve(EchoServer::new(Parrot)).await;
    let request = [&[5, 1, 0, 3, 12][..], b"shop.example", &50051_u16.to_be_bytes()].concat();
    let steps = vec![
        (3, vec![5, 0]),
        (request.len(), [&[5, 0, 0, 1][..], &[127, 0, 0, 1], &[0, 0]].concat()),
    ];
    let (addr, talk) = proxy(server.addr, steps).await;
    let channel = Channel::builder("http://shop.example:50051").proxy(format!("socks5://{addr}"));
    let echo = EchoClient::new(channel.connect().await.unwrap());
    assert_eq!(ends(&echo).await, [Code::Ok; 4]);
    let read = talk.await.unwrap();
    assert_eq!(read[..3], [5, 1, 0], "one way to log in, which is none");
    assert_eq!(read[3..], request);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let (addr, _talk) = proxy(
        ([127, 0, 0, 1], 1).into(),
        vec![(
            "CONNECT shop.example:80 HTTP/1.1\r\nHost: shop.example:80\r\n\r\n".len(),
            b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec(),
        )],
    )
    .await;
    let channel = Channel::builder("http://shop.example").proxy(format!("http://{addr}"));
    let error = channel.connect().await.unwrap_err();
    let said = "no connection to shop.example:80: ";
    assert!(error.to_string().starts_with(said), "{error}");
    for proxy in ["ftp://proxy", "http://", "proxy"] {
        let channel = Channel::builder("http://shop.example").proxy(proxy);
        let status = Status::from(channel.connect_lazy().unwrap_err());
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

/// A proxy that knows no contract.
pub(crate) async fn grpc_proxy(backend: &traitwire_tests::Server) -> traitwire_tests::Server {
    let backend = RawClient::new(backend.connect().await);
    serve_all(Server::new().fallback(unknown_methods(move |request| {
        let backend = backend.clone();
        async move {
            let path = request.extensions().get::<MethodPath>().cloned();
            let MethodPath(path) = path.ok_or_else(|| Status::internal("a call has a path"))?;
            backend.call(path, request).await
        }
    })))
    .await
}

#[tokio::test]
async fn a_proxy_of_grpc_is_a_handler_and_a_client() {
    let server = serve(EchoServer::new(Parrot)).await;
    let proxy = grpc_proxy(&server).await;
    let echo = EchoClient::new(proxy.connect().await);
    assert_eq!(ends(&echo).await, [Code::Ok; 4]);
    let mut request = Request::new(note("hello", 1));
    request.metadata_mut().insert("x-echo", "seeds".parse().unwrap());
    let answer = echo.say(request).await.unwrap();
    assert_eq!(answer.metadata().get("x-echo").unwrap(), "seeds");
    assert_eq!(answer.into_inner().text, "hello");
    let mut chat = echo.chat(Request::new(notes(["a", "fail"]))).await.unwrap().into_inner();
    assert_eq!(chat.message().await.unwrap().unwrap().text, "a");
    assert_failure(&chat.message().await.unwrap_err());
}
