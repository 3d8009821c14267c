//! An `XServer` where other people's servers take a tower service.

use axum::{Router, routing::get};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic_web::GrpcWebLayer;
use tower::{ServiceExt, layer::Layer};
use traitwire_tests::serve_by;

use crate::contract::{Echo, EchoClient, EchoServer, Parrot, note};

#[tokio::test]
async fn a_service_stands_in_axum_beside_other_routes() {
    let router = Router::new()
        .route("/healthz", get(|| async { "well" }))
        .route_service("/proof.v1.Echo/{method}", EchoServer::new(Parrot));
    let server = serve_by(|listener, gone| async move {
        axum::serve(listener, router).with_graceful_shutdown(gone).await.expect("it ends in peace");
    })
    .await;

    let echo = EchoClient::new(server.connect().await);
    let answer = echo.say(tonic::Request::new(note("hi", 1))).await.unwrap();
    assert_eq!(answer.into_inner().text, "hi");

    let mut other = TcpStream::connect(server.addr).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    other.write_all(request).await.unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("well"), "{answer}");
}

#[tokio::test]
async fn a_service_stands_under_tonic_web() {
    let service = GrpcWebLayer::new().layer(EchoServer::new(Parrot));
    let message = prost::Message::encode_to_vec(&note("hi", 1));
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let framed = [&[0], &length[..], &message].concat();
    let request = http::Request::post("http://localhost/proof.v1.Echo/Say")
        .header("content-type", "application/grpc-web+proto")
        .body(Full::new(Bytes::from(framed.clone())))
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/grpc-web+proto");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(&framed), "{body:?}");
    // Trailers are a frame of their own there, with the highest bit in its flag.
    let trailers = &body[framed.len()..];
    assert_eq!(trailers[0], 0x80);
    assert!(trailers.ends_with(b"grpc-status:0\r\n"), "{trailers:?}");
}
