//! The contract.

use traitwire::{Status, Stream, service};

/// Orders of a shop.
#[service(package = "shop.v1", file = "shop/v1/orders.proto")]
pub trait Orders {
    /// Packs an order, and says how far it is.
    fn place(&self, item: &str) -> impl Stream<Item = Result<String, Status>>;
    /// Says whether the store is there, without which nothing can be packed.
    async fn set_store(&self, is_there: bool) -> Result<(), Status>;
}
