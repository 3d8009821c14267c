//! The server: `cargo run --bin server [HOST:PORT]`.

use std::{env, error::Error};

use starter::{ADDRESS, GreeterServer, Host};
use tokio::net::TcpListener;
use traitwire::{Server, shutdown_signal};

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
    Server::new()
        .add(GreeterServer::new(host))
        .serve(listener, shutdown_signal())
        .await?;
    Ok(())
}
