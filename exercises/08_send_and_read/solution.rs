//! Exercise 08, solved.

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

    tokio::spawn(async move {
        for order_id in ids {
            if sender.send(ShipRequest { order_id }).await.is_err() {
                return; // the call is over
            }
        }
        // Dropping the sender closes this side of the call.
    });
    shipments.collect().await
}
