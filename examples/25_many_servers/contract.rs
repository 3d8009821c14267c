//! What the servers and the client agree on.

use traitwire::{Status, message, service};

/// How many of an item there are.
#[message(package = "stock.v1")]
pub struct StockLevel {
    /// So many.
    #[tag(1)]
    pub pieces: u32,
    /// The server that has counted.
    #[tag(2)]
    pub counted_by: String,
}

/// The stock of a shop.
#[service(package = "stock.v1")]
pub trait Stock {
    /// How many pieces there are. It changes nothing, so that it may be asked twice.
    #[rpc(idempotency = "NO_SIDE_EFFECTS")]
    async fn level(&self, item: &str) -> Result<StockLevel, Status>;
}
