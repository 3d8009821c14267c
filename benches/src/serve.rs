//! Servers on free ports, both kinds served in the same way.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};

use crate::direct::Grpc;

/// Serves on a free port of this machine until the runtime ends.
pub(crate) async fn serve(service: impl Grpc, streams_per_connection: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = Server::builder()
        .max_concurrent_streams(Some(streams_per_connection))
        .serve_with_incoming(service, incoming);
    tokio::spawn(async { server.await.expect("the server goes on") });
    addr
}
