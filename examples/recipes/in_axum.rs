//! gRPC and other routes on one port, with axum for both.
//!
//! cargo add traitwire
//! cargo add axum --features http2
//! cargo add tokio --features macros,net,rt-multi-thread

use std::error::Error;

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use traitwire::{Status, service};

#[service(package = "recipes")]
pub trait Greeter {
    async fn greet(&self, name: &str) -> Result<String, Status>;
}

struct Host;

impl Greeter for Host {
    async fn greet(&self, name: &str) -> Result<String, Status> {
        Ok(format!("hello, {name}"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // Every method of the service is a path below its name.
    let router = Router::new()
        .route("/healthz", get(|| async { "well" }))
        .route_service("/recipes.Greeter/{method}", GreeterServer::new(Host));
    // axum's server has limits of its own, and not those of `traitwire::Server`.
    tokio::spawn(async move { axum::serve(listener, router).await });

    let greeter = GreeterClient::connect(format!("http://{address}")).await?;
    println!("{}", greeter.greet("Ada").await?);

    let mut http = TcpStream::connect(address).await?;
    http.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    http.read_to_string(&mut answer).await?;
    println!("{}", answer.lines().last().unwrap_or_default());
    Ok(())
}
