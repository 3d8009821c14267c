//! A stream that borrows the store, and a caller who leaves early.
//!
//! The shop sends each order as it finds it. Its stream reads from `&self`: nothing is cloned, no
//! task is spawned, no channel lies between. When the caller drops its end, the stream is dropped
//! where it stands, and the search is over.
//!
//! ```sh
//! cargo run --example 06_search_orders
//! cargo run --example 06_search_orders -- serve 127.0.0.1:50051
//! cargo run --example 06_search_orders -- call 127.0.0.1:50051
//! ```

use std::process::ExitCode;

use shop::{
    ORDER_MANAGEMENT, Order, OrderManagement, OrderManagementClient, OrderManagementServer, Shop,
    Store, samples,
};
use traitwire::{Server, Status};
use workbook::{Result, Socket};

/// The sample orders, and thousands of pencils: more bytes than a caller's window has.
async fn stock() -> Result<Shop, Status> {
    let store = Store::open(":memory:").await?;
    store.put(samples()).await?;
    let pencil = |number| Order {
        id: format!("P{number:05}"),
        items: vec!["Pencil".to_owned()],
        destination: "San Jose, CA".to_owned(),
        price: 1.0,
        // A kibibyte each: 4 MiB in all, where the window of a client has 2.
        description: "A pencil. ".repeat(100),
    };
    store.put((0..4_000).map(pencil).collect()).await?;
    Ok(Shop::new(store))
}

async fn serve(socket: Socket) -> Result {
    Server::new()
        .add(OrderManagementServer::new(stock().await?))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let shop = OrderManagementClient::connect(server).await?;

    println!("client → searchOrders \"Google\"");
    let mut orders = shop.search_orders("Google");
    while let Some(order) = orders.message().await? {
        println!("client ← {order}");
    }
    println!("client: server closed");

    println!("client → searchOrders \"Pencil\"");
    let mut orders = shop.search_orders("Pencil");
    for _ in 0..3 {
        let Some(order) = orders.message().await? else { break };
        println!("client ← {order}");
    }
    println!("client: that is enough");
    drop(orders);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&ORDER_MANAGEMENT, "127.0.0.1:50051", serve, call).await
}
