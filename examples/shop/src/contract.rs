//! The contract. Its names on the wire are those of the Go programs that it comes from.

use std::fmt;

use traitwire::{Status, Stream, Streaming, message, service};

traitwire::package!("ecommerce", file = "order_management.proto");

/// Orders of the shop.
#[service(rename_all = "camelCase")]
pub trait OrderManagement {
    /// The order with this id, or NOT_FOUND.
    async fn get_order(&self, id: &str) -> Result<Order, Status>;

    /// Every order that has an item with this word in it, as it is found, sorted by id. Upper and
    /// lower case differ.
    fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>>;

    /// Stores all of the orders, each under its id, and names them. When one is wrong, none is
    /// stored, and the answer comes at once: INVALID_ARGUMENT, with the fields in question. Too
    /// many at once are RESOURCE_EXHAUSTED.
    async fn update_orders(&self, orders: Streaming<Order>) -> Result<String, Status>;

    /// Combines orders by destination into shipments. They come back whenever three orders are
    /// together, and when the ids end. An unknown id ends the call with NOT_FOUND, after the
    /// shipments of the orders before it.
    fn process_orders(
        &self,
        ids: Streaming<String>,
    ) -> impl Stream<Item = Result<CombinedShipment, Status>>;
}

/// What somebody has bought.
#[message]
pub struct Order {
    /// Its name; not empty.
    #[tag(1)]
    pub id: String,
    /// What is in it.
    #[tag(2)]
    pub items: Vec<String>,
    /// Anything else.
    #[tag(3)]
    pub description: String,
    /// In dollars, not negative.
    #[tag(4)]
    pub price: f32,
    /// The town that it goes to.
    #[tag(5)]
    pub destination: String,
}

/// Orders that travel together.
#[message]
pub struct CombinedShipment {
    /// `cmb - ` and the destination.
    #[tag(1)]
    pub id: String,
    /// `Processed!`
    #[tag(2)]
    pub status: String,
    /// The orders, as their ids came in.
    #[tag(3, name = "ordersList")]
    pub orders_list: Vec<Order>,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, items, price, destination, .. } = self;
        write!(f, "{id}: {} (${price}, {destination})", items.join(" + "))
    }
}

impl fmt::Display for CombinedShipment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.orders_list.iter().map(|order| order.id.as_str()).collect();
        write!(f, "{}: {} {}", self.id, ids.join(" + "), self.status)
    }
}
