use traitwire::{Status, service};

#[service(name = "OrderService")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
