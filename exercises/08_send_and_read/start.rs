//! Exercise 08: send and read.
//!
//! `ship_all` sends the ids of orders, and returns the shipments that they travel in. With ten ids
//! it works, and with a hundred it hangs. Let it work with any number of them, however small the
//! channel is; and when the shop ends the call with an error, return that error, and take no more
//! ids.
//!
//! ```sh
//! cargo xtask check 08
//! ```

use traitwire::{Status, Stream, StreamExt, Streaming, message, service};

traitwire::package!("shipping.v1");

/// Sends orders out.
#[service]
pub trait ShippingService {
    /// Shipments come back when enough orders are together, and when the ids end.
    fn ship(
        &self,
        requests: Streaming<ShipRequest>,
    ) -> impl Stream<Item = Result<ShipResponse, Status>>;
}

/// An order to ship.
#[message]
pub struct ShipRequest {
    /// Its id.
    #[tag(1)]
    pub order_id: String,
}

/// Orders that travel together.
#[message]
pub struct ShipResponse {
    /// Their ids.
    #[tag(1)]
    pub order_ids: Vec<String>,
}

/// The client: ships all of the orders.
pub async fn ship_all(
    shop: &impl ShippingService,
    ids: impl Iterator<Item = String> + Send + 'static,
) -> Result<Vec<ShipResponse>, Status> {
    let (mut sender, requests) = Streaming::channel(16);
    let shipments = shop.ship(requests);

    for order_id in ids {
        sender.send(ShipRequest { order_id }).await?;
    }
    drop(sender);

    shipments.collect().await
}
