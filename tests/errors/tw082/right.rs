use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[tag(1)]
    pub address: Option<Address>,
}

/// Where it goes.
#[message]
pub struct Address {
    #[tag(1)]
    pub street: String,
}
