use std::collections::HashMap;

use traitwire::{Status, message, service};

#[message]
pub struct Order {
    #[tag(1)]
    pub id: String,
}

#[service]
pub trait Orders {
    async fn get(&self, id: &str) -> Result<&Order, Status>;
}

pub struct Shop(HashMap<String, Order>);

impl Orders for Shop {
    async fn get(&self, id: &str) -> Result<&Order, Status> {
        self.0.get(id).ok_or_else(|| Status::not_found(id))
    }
}
