use std::collections::HashMap;

use traitwire::message;

/// An order.
#[message]
pub struct Order {
    #[tag(1, map = "string, sint32")]
    pub stock: HashMap<String, i32>,
}
