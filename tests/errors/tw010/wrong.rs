use traitwire::{Status, service};

#[service(file = "shop/orders")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
