//! Exercise 03, solved.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use traitwire::{Status, Streaming, message, service};

traitwire::package!("api.user.session.v1", file = "user/session/v1/session.proto");

/// The orders of a user's session.
#[service]
pub trait OrderService {
    /// Creates all orders, or none.
    async fn create_order(&self, orders: Streaming<Empty>) -> Result<Empty, Status>;
}

/// A message without fields.
#[message]
pub struct Empty {}

/// The server.
#[derive(Default)]
pub struct Orders {
    /// How many orders there are.
    pub created: AtomicUsize,
}

impl OrderService for Orders {
    async fn create_order(&self, mut orders: Streaming<Empty>) -> Result<Empty, Status> {
        let mut count = 0;
        while let Some(Empty {}) = orders.message().await? {
            count += 1;
        }
        self.created.fetch_add(count, Relaxed);
        Ok(Empty {})
    }
}
