//! The server.

use std::{future::Future, time::Duration};

use tokio::{net::TcpListener, time::sleep};
use traitwire::{
    Server, ServerShutdown, Status, Stream,
    health::{HealthReporter, ServingStatus},
    stream_fn,
};
use workbook::Result;

use crate::contract::{ORDERS, Orders, OrdersServer};

/// How long balancers have to notice that the server ends.
pub const DELAY: Duration = Duration::from_secs(1);

/// A shop that packs orders.
pub struct Shop {
    health: HealthReporter,
}

impl Orders for Shop {
    fn place(&self, item: &str) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async move |mut out| {
            out.send(format!("packing the {item}")).await?;
            sleep(if item == "piano" { 2 * DELAY } else { Duration::ZERO }).await;
            out.send(format!("here is the {item}")).await?;
            Ok(())
        })
    }

    async fn set_store(&self, is_there: bool) -> Result<(), Status> {
        let status = if is_there { ServingStatus::Serving } else { ServingStatus::NotServing };
        println!("server: the store is {}", if is_there { "back" } else { "away" });
        self.health.set(ORDERS.full_name(), status);
        Ok(())
    }
}

/// Serves the shop until it is told to end.
pub async fn serve(listener: TcpListener, told: impl Future<Output = ()>) -> Result {
    let health = HealthReporter::new();
    let server = Server::new()
        .add(OrdersServer::new(Shop { health: health.clone() }))
        .health(&health)
        .shutdown_delay(DELAY)
        .drain_timeout(Duration::from_secs(20));
    let books = tokio::spawn(keep_books(server.shutdown_token()));
    let told = async {
        told.await;
        println!("server: told to end");
    };
    server.serve(listener, told).await?;
    Ok(books.await?)
}

/// A task beside the calls.
async fn keep_books(shutdown: ServerShutdown) {
    shutdown.begun().await;
    println!("server: takes no more calls, and closes its books");
}
