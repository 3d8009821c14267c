//! A proxy for any gRPC service: it passes bytes on, and knows no contract.
//!
//! cargo add traitwire
//! cargo add tokio --features macros,net,rt-multi-thread

use std::{error::Error, future::pending};

use tokio::net::TcpListener;
use traitwire::{
    Channel, MethodPath, RawClient, Server, Status, Stream, service, stream_fn, unknown_methods,
};

#[service(package = "recipes")]
pub trait Counter {
    fn count(&self, to: u32) -> impl Stream<Item = Result<u32, Status>>;
}

struct Steps;

impl Counter for Steps {
    fn count(&self, to: u32) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut out| {
            for step in 1..=to {
                out.send(step).await?;
            }
            Err(Status::out_of_range(format!("no step after {to}")))
        })
    }
}

/// Everything goes to `backend`: messages, metadata, deadlines, cancellation and errors.
fn proxy(backend: RawClient) -> Server {
    Server::new().fallback(unknown_methods(move |request| {
        let backend = backend.clone();
        async move {
            let path = request.extensions().get::<MethodPath>().cloned();
            let MethodPath(path) = path.ok_or_else(|| Status::internal("a call has a path"))?;
            backend.call(path, request).await
        }
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let behind = TcpListener::bind("127.0.0.1:0").await?;
    let backend = Channel::builder(format!("http://{}", behind.local_addr()?)).connect_lazy()?;
    tokio::spawn(Server::new().add(CounterServer::new(Steps)).serve(behind, pending()));

    let front = TcpListener::bind("127.0.0.1:0").await?;
    let counter = CounterClient::connect(format!("http://{}", front.local_addr()?));
    tokio::spawn(proxy(RawClient::new(backend)).serve(front, pending()));

    let mut steps = counter.await?.count(2);
    while let Some(step) = steps.message().await.transpose() {
        println!("{}", step.map_or_else(|it| it.message().to_owned(), |it| it.to_string()));
    }
    Ok(())
}
