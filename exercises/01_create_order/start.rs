//! Exercise 01: a method that is still to be written.
//!
//! `CreateOrder` answers UNIMPLEMENTED, and `GetOrder` finds an order that nobody has created.
//! Write `create_order`, so that it remembers the order; and let `get_order` answer NOT_FOUND as
//! long as there is none.
//!
//! ```sh
//! cargo xtask check 01
//! ```

use std::sync::Mutex;

use traitwire::{Status, message, service};

/// The orders of a user's session.
#[service(package = "api.user.session.v1", file = "user/session/v1/session.proto", unimplemented)]
pub trait OrderService {
    /// Looks up the order, or NOT_FOUND.
    async fn get_order(&self, request: Empty) -> Result<Empty, Status>;

    /// Creates the order.
    async fn create_order(&self, request: Empty) -> Result<Empty, Status>;
}

/// A message without fields.
#[message(package = "api.user.session.v1")]
pub struct Empty {}

/// The server.
#[derive(Default)]
pub struct Orders {
    /// The order, if there is one.
    order: Mutex<Option<Empty>>,
}

impl OrderService for Orders {
    async fn get_order(&self, _request: Empty) -> Result<Empty, Status> {
        Ok(Empty {})
    }
}
