//! Exercise 02, solved.

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
        stream_fn(async move |mut out| {
            while let Some(order) = (self.load)() {
                out.send(order).await?;
            }
            Ok(())
        })
    }
}
