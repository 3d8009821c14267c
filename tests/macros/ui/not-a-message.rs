//! A type that is no protobuf message.

use traitwire::{Status, service};

pub struct Order {
    pub id: String,
}

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<Order, Status>;
}

fn main() {}
