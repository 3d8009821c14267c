//! One method, in the plain form.

use traitwire::{Status, service};

/// Orders of the shop.
#[service(package = "ecommerce", rename_all = "camelCase")]
pub trait OrderManagement {
    /// The description of an order, or NOT_FOUND.
    async fn get_order(&self, id: String) -> Result<String, Status>;
}
