use traitwire::{Describe, Status, service};

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, repeated, tag = "1")]
    pub items: Vec<String>,
}

#[service]
pub trait Orders {
    async fn add(&self, order: Order) -> Result<String, Status>;
}

pub struct Shop;

impl Orders for Shop {
    async fn add(&self, mut order: Order) -> Result<String, Status> {
        order.items.sort();
        Ok(order.items.join(", "))
    }
}
