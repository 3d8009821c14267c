//! The contract of example 01, to the letter.

use traitwire::{Status, message, service};

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
