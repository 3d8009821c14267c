//! The expansions as they are printed are programs too: pasted into a crate, they compile.

// The compiler warns of a client whose streams say more than the trait's, unless a macro made it,
// and of imports and items that nobody uses here.
#![allow(refining_impl_trait, unused_imports, dead_code, clippy::manual_async_fn)]

#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/attributes.snap.rs"]
mod attributes;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/borrowed.snap.rs"]
mod borrowed;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/message.snap.rs"]
pub(crate) mod message;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/order_service.snap.rs"]
mod order_service;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/shapes.snap.rs"]
mod shapes;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/two_services.snap.rs"]
mod two_services;
#[rustfmt::skip] // as it was printed
#[path = "../snapshots/expansion/unary.snap.rs"]
mod unary;

use traitwire::Status;

struct Shop;

impl unary::OrderManagement for Shop {
    async fn get_order(&self, id: String) -> Result<String, Status> {
        Ok(format!("order {id}"))
    }
}

#[tokio::test]
async fn a_pasted_expansion_answers() {
    use unary::{OrderManagement, OrderManagementClient};

    let client = OrderManagementClient::in_process(Shop);
    assert_eq!(client.get_order("106".to_owned()).await.unwrap(), "order 106");
}
