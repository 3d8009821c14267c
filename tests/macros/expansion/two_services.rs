//! Two services with the same method names, side by side.

use traitwire::{Status, service};

/// The first version.
#[service(package = "shop.v1")]
pub trait ShopV1 {
    /// Counts the orders.
    async fn count(&self) -> Result<u64, Status>;
}

/// The second version.
#[service(package = "shop.v2")]
pub trait ShopV2 {
    /// Counts the orders.
    async fn count(&self) -> Result<u64, Status>;
}
