//! The server: `cargo run --bin server [HOST:PORT]`.

use std::{env, error::Error};

use starter::{ADDRESS, GreeterServer, Host};
use tokio::net::TcpListener;
use traitwire::tonic::transport::{Server, server::TcpIncoming};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    println!("listening on {}, Ctrl-C to stop", listener.local_addr()?);

    let host = Host {
        hello: "Hello".to_owned(),
    };
    // Small messages leave at once.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    Server::builder()
        .serve_with_incoming_shutdown(GreeterServer::new(host), incoming, interrupted)
        .await?;
    Ok(())
}
