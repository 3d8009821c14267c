//! What a client does between a call and the socket.
//!
//! The library beside this program is a gRPC client transport from scratch. Here it makes one call
//! and says each step that it takes, with the frames between; and it counts how many times it
//! flushes when a thousand calls run at the same time. It calls any server:
//!
//! ```sh
//! cargo run --example 18_client_write_path
//! cargo run --release --example 18_client_write_path -- flushes
//! cargo run --example 05_get_order -- serve 127.0.0.1:50051
//! cargo run --example 18_client_write_path -- call 127.0.0.1:50051
//! ```

mod flushes;
mod pipe;
mod story;

use std::process::ExitCode;

use client_write_path::{CallOptions, ClientConn, ClientStream, ConnOptions, SendError};
use shop::{CombinedShipment, ORDER_MANAGEMENT, Order, OrderManagementServer, Shop};
use tokio::runtime::Builder;
use traitwire::{MethodDescriptor, Server, Status};
use workbook::{Result, Socket};

async fn serve(socket: Socket) -> Result {
    let shop = Shop::with_samples().await.map_err(Status::from)?;
    Server::new()
        .add(OrderManagementServer::new(shop))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

/// The four shapes of a call. They differ in how often each side sends, and in nothing else.
async fn call(server: String) -> Result {
    let address = server.trim_start_matches("http://");
    let conn = ClientConn::connect(address, ConnOptions::default()).await?;

    println!("client → getOrder 106");
    let order: Order = conn.invoke(method("getOrder"), &id("106"), CallOptions::default()).await?;
    println!("client ← {order}");

    println!("client → searchOrders Google");
    let mut search: ClientStream<String, Order> = open(&conn, "searchOrders").await?;
    search.send_msg(&id("Google")).await.or_else(SendError::unless_ended)?;
    while let Some(order) = search.recv_msg().await? {
        println!("client ← {order}");
    }

    println!("client → updateOrders 102, 103");
    let mut update: ClientStream<Order, String> = open(&conn, "updateOrders").await?;
    for order in shop::samples().iter().filter(|order| ["102", "103"].contains(&&*order.id)) {
        update.send_msg(order).await.or_else(SendError::unless_ended)?;
    }
    update.close_send();
    println!("client ← {}", update.recv_msg().await?.unwrap_or_default());

    println!("client → processOrders 101, 102, 103, 104");
    let mut process: ClientStream<String, CombinedShipment> = open(&conn, "processOrders").await?;
    let (sending, receiving) = process.halves();
    let send = async {
        for order in ["101", "102", "103", "104"] {
            sending.send_msg(&id(order)).await.or_else(SendError::unless_ended)?;
        }
        sending.close_send();
        Ok::<_, Status>(())
    };
    let receive = async {
        while let Some(shipment) = receiving.recv_msg().await? {
            println!("client ← {shipment}");
        }
        Ok(())
    };
    tokio::try_join!(send, receive)?;
    conn.close().await;
    Ok(())
}

async fn open<Req: traitwire::Message, Res: traitwire::Message>(
    conn: &ClientConn,
    name: &str,
) -> Result<ClientStream<Req, Res>, Status> {
    conn.new_client_stream(method(name), CallOptions::default()).await
}

fn method(name: &str) -> &'static MethodDescriptor {
    let mut methods = ORDER_MANAGEMENT.methods.iter();
    methods.find(|method| method.name == name).expect("it is a method of the shop")
}

fn id(id: &str) -> String {
    id.to_owned()
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => runtime.block_on(story::tell()),
        // It has runtimes of its own.
        ["flushes"] => flushes::table(),
        _ => {
            let address = "127.0.0.1:50051";
            return runtime.block_on(workbook::run(&ORDER_MANAGEMENT, address, serve, call));
        }
    };
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn all_four_shapes_are_called_over_a_socket() {
        workbook::both(super::serve, super::call).await.unwrap();
    }
}
