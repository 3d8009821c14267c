use traitwire::{Status, message, service};

#[message]
pub struct Order {
    #[tag(1)]
    pub items: Vec<String>,
}

#[service]
pub trait Orders {
    async fn add(&self, order: &mut Order) -> Result<String, Status>;
}
