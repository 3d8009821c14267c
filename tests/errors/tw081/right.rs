use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[tag(1)]
    pub quantity: u32,
}
