//! Errors that a program can act on.
//!
//! A box office sells seats. What goes wrong is an enum, which travels as a code, a reason and the
//! fields that are marked; the caller gets its variant back, and every other language reads the
//! reason. What broke inside the office stays there.
//!
//! ```sh
//! cargo run --example 13_errors
//! cargo run --example 13_errors -- serve 127.0.0.1:50063
//! cargo run --example 13_errors -- call 127.0.0.1:50063
//! ```

pub mod client;
pub mod contract;
pub mod error;
pub mod server;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use traitwire::Server;
use workbook::{Result, Socket};

use crate::{
    contract::{BOX_OFFICE, BoxOfficeClient, BoxOfficeServer},
    server::Office,
};

async fn serve(socket: Socket) -> Result {
    let office = BoxOfficeServer::new(Office::default());
    Server::new().add(office).serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

async fn call(server: String) -> Result {
    client::tell(&BoxOfficeClient::connect(server).await?).await
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&BOX_OFFICE, "127.0.0.1:50063", serve, call).await
}
