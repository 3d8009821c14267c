//! The server.

use std::{future::Future, time::Duration};

use tokio::{net::TcpListener, time::sleep};
use traitwire::{
    Monitor, Server, ServerShutdown, Status, Stream,
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
    let (health, monitor) = (HealthReporter::new(), Monitor::new());
    let server = Server::new()
        .add(OrdersServer::new(Shop { health: health.clone() }))
        .health(&health)
        .monitor(&monitor)
        .shutdown_delay(DELAY)
        .drain_timeout(Duration::from_secs(20));
    let books = tokio::spawn(keep_books(server.shutdown_token()));
    let told = async {
        told.await;
        println!("server: told to end, while {} run", running(&monitor));
    };
    server.serve(listener, told).await?;
    Ok(books.await?)
}

/// The calls that run, by their methods.
fn running(monitor: &Monitor) -> String {
    let connections = monitor.snapshot().connections;
    let calls = connections.iter().flat_map(|it| &it.running);
    let methods = calls.filter_map(|call| call.path.rsplit('/').next());
    methods.collect::<Vec<_>>().join(" and ")
}

/// A task beside the calls.
async fn keep_books(shutdown: ServerShutdown) {
    shutdown.begun().await;
    println!("server: takes no more calls, and closes its books");
}
