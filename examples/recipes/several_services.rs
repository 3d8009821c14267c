//! Two services on one port, one type behind both, and one connection for their clients.
//!
//! cargo add traitwire
//! cargo add tokio --features macros,net,rt-multi-thread

use std::{
    error::Error,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::net::TcpListener;
use traitwire::{Channel, Server, Status, service};

#[service(package = "recipes")]
pub trait Stock {
    async fn add(&self, pieces: u32) -> Result<(), Status>;
}

#[service(package = "recipes")]
pub trait Report {
    async fn pieces(&self) -> Result<u32, Status>;
}

#[derive(Default)]
struct Shop {
    pieces: AtomicU32,
}

impl Stock for Shop {
    async fn add(&self, pieces: u32) -> Result<(), Status> {
        self.pieces.fetch_add(pieces, Ordering::Relaxed);
        Ok(())
    }
}

impl Report for Shop {
    async fn pieces(&self) -> Result<u32, Status> {
        Ok(self.pieces.load(Ordering::Relaxed))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let channel = Channel::builder(format!("http://{}", listener.local_addr()?)).connect_lazy()?;
    let shop = Arc::new(Shop::default());
    let server = Server::new()
        .add(StockServer::from_arc(Arc::clone(&shop)))
        .add(ReportServer::from_arc(shop));
    tokio::spawn(server.serve(listener, pending()));

    StockClient::new(channel.clone()).add(7).await?;
    println!("{} pieces", ReportClient::new(channel).pieces().await?);
    Ok(())
}
