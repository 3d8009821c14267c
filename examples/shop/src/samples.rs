//! Something to begin with.

use crate::Order;

/// Six orders, 101 to 106.
pub fn samples() -> Vec<Order> {
    let order = |id: &str, items: &[&str], destination: &str, price| Order {
        id: id.to_owned(),
        items: items.iter().map(|&item| item.to_owned()).collect(),
        description: String::new(),
        price,
        destination: destination.to_owned(),
    };
    vec![
        order("101", &["iPhone XS", "Mac Book Pro"], "San Jose, CA", 2300.0),
        order("102", &["Google Pixel 3A", "Mac Book Pro"], "Mountain View, CA", 1800.0),
        order("103", &["Apple Watch S4"], "San Jose, CA", 400.0),
        order("104", &["Google Home Mini", "Google Nest Hub"], "Mountain View, CA", 400.0),
        order("105", &["Amazon Echo"], "San Jose, CA", 30.0),
        order("106", &["Amazon Echo", "Apple iPhone XS"], "Mountain View, CA", 300.0),
    ]
}
