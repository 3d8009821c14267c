use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}

/// What implements it needs no attribute.
pub struct Shop;

impl Orders for Shop {
    async fn get(&self, id: String) -> Result<String, Status> {
        Ok(id)
    }
}
