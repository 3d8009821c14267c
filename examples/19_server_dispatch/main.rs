//! A server from accept to status.
//!
//! A call comes to its handler in thirteen steps, in grpc-go as in Rust: a connection is accepted,
//! a stream opened, its headers read; a worker takes it, finds the service and the method, unpacks
//! the messages, runs the handler, and writes the status. The library beside this file (`lib.rs` is
//! its table of contents) is a server that takes these steps one by one and hosts any service that
//! `#[service]` makes. Here it hosts the shop of examples 05 to 08, whose clients can call it.
//!
//! ```sh
//! cargo run --example 19_server_dispatch
//! cargo run --example 19_server_dispatch -- serve 127.0.0.1:50051 --workers 4 --steps true
//! cargo run --example 19_server_dispatch -- call 127.0.0.1:50051
//! cargo run --example 06_search_orders -- call 127.0.0.1:50051
//! ```

mod callers;
mod steps;
mod story;

use std::{env, process::ExitCode, sync::Arc, time::Duration};

use server_dispatch::Server;
use shop::{ORDER_MANAGEMENT, OrderManagementServer, Shop};
use tokio::time::timeout;
use traitwire::Status;
use workbook::{Command, Result, Socket};

use crate::steps::Steps;

/// How long the calls that run may hold up the end of the server.
const GRACE: Duration = Duration::from_secs(5);

async fn shop_server(workers: usize) -> Result<Arc<Server>> {
    let shop = Shop::with_samples().await.map_err(Status::from)?;
    let server = Server::new()
        .num_stream_workers(workers)
        .connection_timeout(Duration::from_secs(10))
        .register_service(&ORDER_MANAGEMENT, OrderManagementServer::new(shop));
    Ok(Arc::new(server))
}

async fn serve(socket: Socket, server: Arc<Server>) -> Result {
    let end = async {
        socket.shutdown.await;
        if timeout(GRACE, server.graceful_stop()).await.is_err() {
            server.stop().await;
        }
    };
    tokio::join!(server.clone().serve(socket.listener), end);
    Ok(())
}

async fn run() -> Result<ExitCode> {
    const ADDRESS: &str = "127.0.0.1:50051";
    let mut command = Command::read();
    let workers = command.option("--workers", 1);
    let steps = Steps::install()?;
    steps.show(command.option("--steps", false));

    let server = shop_server(workers).await?;
    let serve = async |socket| serve(socket, server.clone()).await;
    if env::args().len() > 1 {
        return Ok(command.run(&ORDER_MANAGEMENT, ADDRESS, serve, callers::call).await);
    }
    // Without a word: both ends, and a look at what the server counts.
    let call = async |address| story::tell(address, &server, steps).await;
    Ok(command.run(&ORDER_MANAGEMENT, ADDRESS, serve, call).await)
}

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use shop::{OrderManagement, OrderManagementClient};
    use tokio::time::Instant;
    use traitwire::{Code, StreamExt, Streaming};

    use super::*;

    /// The shop, called over a socket.
    async fn over_a_socket(
        workers: usize,
        test: impl AsyncFnOnce(OrderManagementClient) -> Result,
    ) {
        let server = shop_server(workers).await.unwrap();
        let call = async |address| test(OrderManagementClient::connect(address).await?).await;
        workbook::both(async |socket| serve(socket, server.clone()).await, call).await.unwrap();
        assert_eq!(server.connections(), 0);
    }

    #[tokio::test]
    async fn every_shape_of_the_shop_is_served() {
        for workers in [0, 1] {
            over_a_socket(workers, async |shop| {
                assert_eq!(shop.get_order("106").await?.items[0], "Amazon Echo");
                let missing = shop.get_order("999").await.unwrap_err();
                assert_eq!(missing.code(), Code::NotFound);
                let found: Vec<_> = shop.search_orders("Google").collect().await;
                assert_eq!(found.len(), 2);
                let orders = shop::samples().into_iter().take(3).collect();
                assert!(shop.update_orders(orders).await?.contains("101, 102, 103"));
                let ids = ["102", "103", "104", "101"].map(str::to_owned).into_iter().collect();
                let shipments: Vec<_> = shop.process_orders(ids).collect().await;
                assert_eq!(shipments.len(), 3);
                Ok(())
            })
            .await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_end_is_cut_when_the_grace_is_over() {
        let mut kept = None;
        let mut stopped = None;
        over_a_socket(1, async |shop| {
            let (mut ids, requests) = Streaming::channel(3);
            for id in ["102", "103", "104"] {
                ids.send(id.to_owned()).await?;
            }
            let mut shipments = shop.process_orders(requests);
            shipments.message().await?;
            stopped = Some(Instant::now());
            kept = Some((ids, shipments));
            Ok(())
        })
        .await;
        assert_eq!(stopped.unwrap().elapsed().as_secs(), GRACE.as_secs());
    }
}
