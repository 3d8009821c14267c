//! Many servers.
//!
//! Three servers count the stock of a shop. One is killed and comes back, one hangs, all are replaced
//! one after the other, and in the end all are gone for a while. Their client has one channel to the
//! three, and loses no call that any of them could have answered.
//!
//! ```sh
//! cargo run --example 25_many_servers
//! cargo run --example 25_many_servers -- serve 127.0.0.1:50075
//! cargo run --example 25_many_servers -- call 127.0.0.1:50075,127.0.0.1:50076
//! ```

pub mod client;
pub mod contract;
pub mod scenes;
pub mod server;

use std::process::ExitCode;

use tokio::sync::watch;
use traitwire::Server;
use workbook::{Result, Socket};

use crate::{
    contract::{STOCK, StockClient, StockServer},
    server::Warehouse,
};

async fn serve(socket: Socket) -> Result {
    let name = socket.listener.local_addr()?.to_string();
    let (_working, hangs) = watch::channel(false);
    let stock = StockServer::new(Warehouse { name, hangs });
    Server::new().add(stock).serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

async fn call(servers: String) -> Result {
    let servers = servers.trim_start_matches("http://").split(',');
    let channel = client::connect(servers.map(str::to_owned))?;
    client::ask(&StockClient::new(channel), 30).await;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().len() > 1 {
        return workbook::run(&STOCK, "127.0.0.1:50075", serve, call).await;
    }
    // The servers die, so that they are not those of the harness.
    workbook::run(&STOCK, "", async |_| Ok(()), async |_| scenes::play().await).await
}
