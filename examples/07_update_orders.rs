//! An answer before the end of the questions.
//!
//! The shop stores all of the orders that it is sent, or none. So the first wrong one decides the
//! call, and the shop answers at once, while the client still sends. The client sees that its
//! stream is not read any more, stops, and finds the reason in the answer.
//!
//! ```sh
//! cargo run --example 07_update_orders
//! cargo run --example 07_update_orders -- serve 127.0.0.1:50051
//! cargo run --example 07_update_orders -- call 127.0.0.1:50051
//! cargo run --example 07_update_orders -- serve --store shop.db   # keeps its orders
//! ```

use std::process::ExitCode;

use shop::{
    ORDER_MANAGEMENT, Order, OrderManagement, OrderManagementClient, OrderManagementServer, Shop,
    Store, samples,
};
use traitwire::{Server, Status, Streaming};
use workbook::{Command, Result, Socket};

async fn open(path: &str) -> Result<Shop, Status> {
    let store = Store::open(path).await?;
    if store.search("", "").await?.is_empty() {
        store.put(samples()).await?;
    }
    Ok(Shop::new(store))
}

async fn serve(socket: Socket, store: String) -> Result {
    let shop = open(&store).await?;
    Server::new()
        .add(OrderManagementServer::new(shop))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let shop = OrderManagementClient::connect(server).await?;

    println!("client → updateOrders 102, 103, 104");
    let answer = shop.update_orders(updates().into_iter().collect()).await?;
    println!("client ← {answer}");

    println!("client → updateOrders, one after the other, without an end");
    let (mut orders, requests) = Streaming::channel(1);
    let send = tokio::spawn(async move {
        let mut price = 2.0;
        while orders.send(order("102", &["Pencil"], price)).await.is_ok() {
            price -= 1.0; // 2, 1, 0, -1 …
        }
    });
    if let Err(status) = shop.update_orders(requests).await {
        println!("client ← {:?}: {}", status.code(), status.message());
    }
    send.await?;
    println!("client: nobody reads any more, so it has stopped");

    println!("client → getOrder \"102\"");
    println!("client ← {}", shop.get_order("102").await?);
    Ok(())
}

/// Three orders that have grown.
fn updates() -> [Order; 3] {
    [
        order("102", &["Google Pixel 3A", "Google Pixel Book"], 1100.0),
        order("103", &["Apple Watch S4", "Mac Book Pro", "iPad Pro"], 2800.0),
        order("104", &["Google Home Mini", "Google Nest Hub", "iPad Mini"], 2200.0),
    ]
}

fn order(id: &str, items: &[&str], price: f32) -> Order {
    let destination = if id == "103" { "San Jose, CA" } else { "Mountain View, CA" };
    Order {
        id: id.to_owned(),
        items: items.iter().map(|&item| item.to_owned()).collect(),
        price,
        destination: destination.to_owned(),
        ..Order::default()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let store = command.option("--store", ":memory:".to_owned());
    let serve = async |socket| serve(socket, store).await;
    command.run(&ORDER_MANAGEMENT, "127.0.0.1:50051", serve, call).await
}
