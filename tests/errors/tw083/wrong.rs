use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[tag(1, sint32)]
    pub balance: i64,
}
