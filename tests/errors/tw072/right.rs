use traitwire::{Status, message, service};

#[message]
pub struct Order {
    #[tag(1)]
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
