use traitwire::message;

/// An order of which nothing is known yet.
#[message]
pub struct Order;
