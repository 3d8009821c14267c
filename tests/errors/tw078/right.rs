use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[tag(1)]
    pub id: String,
    #[tag(2)]
    pub total_cents: u64,
}
