//! A server that says how it is, and ends without losing a call.
//!
//! A probe asks, a balancer watches, and a customer orders, while the store of a shop goes and comes back. Then the
//! server is told to end with an order in hand. With `serve` it is told by Ctrl-C or SIGTERM, and `call` watches it.
//!
//! ```sh
//! cargo run --example 23_health
//! cargo run --example 23_health -- serve 127.0.0.1:50073
//! cargo run --example 23_health -- call 127.0.0.1:50073
//! ```

pub mod client;
pub mod contract;
pub mod server;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, sync::Arc};

use tokio::sync::Notify;
use workbook::Socket;

use crate::contract::ORDERS;

#[tokio::main]
async fn main() -> ExitCode {
    let end = Arc::new(Notify::new());
    let serve = async |socket: Socket| {
        let told = async {
            tokio::select! {
                () = socket.shutdown => {}
                () = end.notified() => {}
            }
        };
        server::serve(socket.listener, told).await
    };
    let call = async |server| client::tell(server, &end).await;
    workbook::run(&ORDERS, "127.0.0.1:50073", serve, call).await
}
