use traitwire::message;

/// An order.
#[message]
#[derive(Clone, Eq)]
pub struct Order {
    #[tag(1)]
    pub id: String,
}
