use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[oneof(4, 5)]
    pub payment: Payment,
}

/// How it is paid.
#[message]
pub enum Payment {
    #[tag(4)]
    Card(String),
    #[tag(5)]
    Cents(u64),
}
