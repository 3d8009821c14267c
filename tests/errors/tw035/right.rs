use traitwire::{Status, message, service};

#[message]
pub struct OrderId {
    #[tag(1)]
    pub shop: String,
    #[tag(2)]
    pub number: u32,
}

#[service]
pub trait Orders {
    async fn get(&self, id: &OrderId) -> Result<String, Status>;
}
