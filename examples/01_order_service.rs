//! Two calls, and one that is not implemented.
//!
//! A trait is the contract. The server implements it, and the client that the macro makes
//! implements it too, so calling a service far away looks like calling a method. A method that the
//! server does not have yet answers UNIMPLEMENTED, and the caller can tell.
//!
//! ```sh
//! cargo run --example 01_order_service                            # both ends, in one process
//! cargo run --example 01_order_service -- serve 127.0.0.1:50051   # one end each
//! cargo run --example 01_order_service -- call 127.0.0.1:50051
//! ```

use std::process::ExitCode;

use traitwire::{Server, Status, message, service};
use workbook::{Result, Socket};

/// The orders of a user's session.
#[service(package = "api.user.session.v1", file = "user/session/v1/session.proto", unimplemented)]
pub trait OrderService {
    /// Looks up an order.
    async fn get_order(&self, request: Empty) -> Result<Empty, Status>;

    /// Says where an order is.
    async fn track_order(&self, id: &str) -> Result<String, Status>;

    /// Creates an order.
    async fn create_order(&self, request: Empty) -> Result<Empty, Status>;
}

/// A message without fields. On the wire it takes no bytes at all.
#[message(package = "api.user.session.v1")]
pub struct Empty {}

/// The server's side of the contract. `create_order` is still to be written: `unimplemented` above
/// gave it a body, so an older server goes on compiling when the contract grows.
pub struct Orders;

impl OrderService for Orders {
    async fn get_order(&self, _request: Empty) -> Result<Empty, Status> {
        println!("server ← GetOrder");
        Ok(Empty {})
    }

    async fn track_order(&self, id: &str) -> Result<String, Status> {
        println!("server ← TrackOrder {id}");
        Ok(format!("order {id} is on its way"))
    }
}

async fn serve(socket: Socket) -> Result {
    Server::new()
        .add(OrderServiceServer::new(Orders))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let orders = OrderServiceClient::connect(server).await?;

    println!("client → GetOrder");
    let order = orders.get_order(Empty {}).await?;
    println!("client ← {order:?}");

    println!("client → TrackOrder 106");
    let answer = orders.track_order("106").await?;
    println!("client ← {answer}");

    println!("client → CreateOrder");
    match orders.create_order(Empty {}).await {
        Ok(order) => println!("client ← {order:?}"),
        Err(status) => println!("client ← {:?}: {}", status.code(), status.message()),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&ORDER_SERVICE, "127.0.0.1:50051", serve, call).await
}
