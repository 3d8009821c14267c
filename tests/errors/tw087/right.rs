use traitwire::message;

/// An order.
#[message]
#[derive(Eq)]
pub struct Order {
    #[tag(1)]
    pub id: String,
}
