use traitwire::message;

/// An order.
#[message(reserved(1))]
pub struct Order {
    #[tag(3)]
    pub id: String,
}
