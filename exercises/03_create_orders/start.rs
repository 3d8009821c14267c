//! Exercise 03: many orders, one answer.
//!
//! `CreateOrder` was a call of one message. Now it takes a stream: each message is an order to
//! create, and one answer comes when the caller has closed its side. The server should create all
//! of them or, when the caller breaks off, none: a stream that breaks off ends with an error.
//!
//! ```sh
//! cargo xtask check 03
//! ```

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
        while let Ok(Some(Empty {})) = orders.message().await {
            self.created.fetch_add(1, Relaxed);
        }
        Ok(Empty {})
    }
}
