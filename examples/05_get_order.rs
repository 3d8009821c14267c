//! Errors by design.
//!
//! What a caller can mend, it is told field by field; what it cannot, it is told in one line. The
//! code says which, so a program can decide. The shop's own errors are an enum that becomes a
//! status in one place, and `?` does the rest.
//!
//! A test of it needs no socket: see the end of this file.
//!
//! ```sh
//! cargo run --example 05_get_order
//! cargo run --example 05_get_order -- serve 127.0.0.1:50051
//! cargo run --example 05_get_order -- call 127.0.0.1:50051
//! ```

use std::process::ExitCode;

use shop::{ORDER_MANAGEMENT, OrderManagement, OrderManagementClient, OrderManagementServer, Shop};
use tonic_types::StatusExt;
use traitwire::{Code, Server, Status};
use workbook::{Result, Socket};

async fn serve(socket: Socket) -> Result {
    let shop = Shop::with_samples().await.map_err(Status::from)?;
    Server::new()
        .add(OrderManagementServer::new(shop))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let shop = OrderManagementClient::connect(server).await?;
    for id in ["106", "999", ""] {
        println!("client → getOrder {id:?}");
        match shop.get_order(id).await {
            Ok(order) => println!("client ← {order}"),
            Err(status) => explain(&status),
        }
    }
    Ok(())
}

/// What an error means to a program.
fn explain(status: &Status) {
    println!("client ← {:?}: {}", status.code(), status.message());
    match status.code() {
        Code::NotFound => println!("client: it may be there later"),
        Code::InvalidArgument => {
            let details = status.get_details_bad_request();
            for field in details.into_iter().flat_map(|it| it.field_violations) {
                println!("client: field {:?} {}", field.field, field.description);
            }
        }
        _ => println!("client: that is for those who run the shop"),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&ORDER_MANAGEMENT, "127.0.0.1:50051", serve, call).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every shop does, however far away it is.
    async fn knows_its_orders(shop: &impl OrderManagement) {
        let order = shop.get_order("106").await.expect("it is a sample");
        assert_eq!(order.items, ["Amazon Echo", "Apple iPhone XS"]);

        let status = shop.get_order("999").await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no order 999"));

        let status = shop.get_order("").await.unwrap_err();
        let details = status.get_details_bad_request().expect("it says which field");
        assert_eq!(details.field_violations[0].field, "value");
    }

    #[tokio::test]
    async fn the_shop_itself_knows_its_orders() {
        knows_its_orders(&Shop::with_samples().await.unwrap()).await;
    }

    #[tokio::test]
    async fn a_client_in_the_same_process_sees_the_same() {
        let shop = Shop::with_samples().await.unwrap();
        knows_its_orders(&OrderManagementClient::in_process(shop)).await;
    }

    #[tokio::test]
    async fn a_client_at_the_other_end_of_a_socket_sees_the_same() {
        let test = async |server| {
            knows_its_orders(&OrderManagementClient::connect(server).await?).await;
            Ok(())
        };
        workbook::both(serve, test).await.unwrap();
    }
}
