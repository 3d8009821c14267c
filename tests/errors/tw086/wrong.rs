use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[prost(string, tag = "1")]
    pub id: String,
}
