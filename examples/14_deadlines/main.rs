//! Metadata, deadlines and cancellation.
//!
//! Three depots look for a parcel, one after the other: each is a server, and calls the next one. The
//! deadline of the customer goes through all three by itself, metadata go as far as a depot hands them
//! on, and a parcel that is between two depots arrives although its customer has left.
//!
//! ```sh
//! cargo run --example 14_deadlines
//! cargo run --example 14_deadlines -- serve 127.0.0.1:50064
//! cargo run --example 14_deadlines -- call 127.0.0.1:50064
//! ```

pub mod client;
pub mod contract;
pub mod server;
#[cfg(test)]
mod tests;

use std::{future::pending, process::ExitCode, time::Duration};

use tokio::net::TcpListener;
use traitwire::Server;
use workbook::{Result, Socket};

use crate::{
    contract::{DEPOT, DepotClient, DepotServer},
    server::Warehouse,
};

async fn serve(socket: Socket) -> Result {
    let half = Duration::from_millis(500);
    let south = Warehouse::new("south", &["violin"], 10 * half);
    let middle = Warehouse::new("middle", &[], half).before(open(south).await?);
    let north = Warehouse::new("north", &["boots", "skis"], half).before(open(middle).await?);
    let north = DepotServer::new(north);
    Server::new().add(north).serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

/// Opens a depot on a port of its own.
async fn open(depot: Warehouse) -> Result<DepotClient> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // It is open as long as the process runs.
    tokio::spawn(Server::new().add(DepotServer::new(depot)).serve(listener, pending()));
    Ok(DepotClient::connect(format!("http://{address}")).await?)
}

async fn call(server: String) -> Result {
    client::ask(DepotClient::connect(server).await?).await
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&DEPOT, "127.0.0.1:50064", serve, call).await
}
