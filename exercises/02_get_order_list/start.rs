//! Exercise 02: a list that comes as a stream.
//!
//! `GetOrderList` answers with nothing. Let it answer with every order that there is, one message
//! each, and then end.
//!
//! There may be more orders than fit into memory as messages: make each only when there is room for
//! it. The check counts how many were made before they were asked for.
//!
//! ```sh
//! cargo xtask check 02
//! ```

use traitwire::{Status, Stream, message, service, stream_fn};

traitwire::package!("api.user.session.v1", file = "user/session/v1/session.proto");

/// The orders of a user's session.
#[service]
pub trait OrderService {
    /// All orders, one message each.
    fn get_order_list(&self, request: Empty) -> impl Stream<Item = Result<Empty, Status>>;
}

/// A message without fields.
#[message]
pub struct Empty {}

/// The server. `load` gets the next order out of a store, or `None` after the last.
pub struct Orders<F> {
    pub load: F,
}

impl<F: Fn() -> Option<Empty> + Send + Sync + 'static> OrderService for Orders<F> {
    fn get_order_list(&self, _request: Empty) -> impl Stream<Item = Result<Empty, Status>> {
        stream_fn(async move |_out| Ok(()))
    }
}
