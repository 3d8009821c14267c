use traitwire::{Status, service};

#[service(name = "Order Service")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
