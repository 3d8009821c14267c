//! Exercise 01, solved.

use std::sync::{Mutex, MutexGuard, PoisonError};

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

impl Orders {
    fn order(&self) -> MutexGuard<'_, Option<Empty>> {
        // No method panics while it holds the lock.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OrderService for Orders {
    async fn get_order(&self, _request: Empty) -> Result<Empty, Status> {
        let order = self.order();
        order.clone().ok_or_else(|| Status::not_found("no order was created yet"))
    }

    async fn create_order(&self, request: Empty) -> Result<Empty, Status> {
        Ok(self.order().insert(request).clone())
    }
}
