//! Servers on free ports, each kind on the server that its users have, which takes as many streams.

use std::{future::pending, net::SocketAddr};

use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};
use traitwire::ServiceOptions;

use crate::{
    direct::Grpc,
    ours::{BenchServer, Ours},
};

/// Serves ours on a free port of this machine until the runtime ends.
pub(crate) async fn ours(streams_per_connection: u32) -> SocketAddr {
    ours_with(ServiceOptions::new(), streams_per_connection).await
}

/// The same with other options.
pub(crate) async fn ours_with(options: ServiceOptions, streams_per_connection: u32) -> SocketAddr {
    let (listener, addr) = listen().await;
    let server = traitwire::Server::new()
        .max_concurrent_streams(streams_per_connection)
        .add(BenchServer::new(Ours { step: 1 }).with(options))
        .serve(listener, pending());
    tokio::spawn(async { server.await.expect("the server goes on") });
    addr
}

/// The same for a service of tonic's.
pub(crate) async fn stock(service: impl Grpc, streams_per_connection: u32) -> SocketAddr {
    let (listener, addr) = listen().await;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = Server::builder()
        .max_concurrent_streams(Some(streams_per_connection))
        .serve_with_incoming(service, incoming);
    tokio::spawn(async { server.await.expect("the server goes on") });
    addr
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    (listener, addr)
}
