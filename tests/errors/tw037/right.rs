use traitwire::{Status, Streaming, service};

#[service]
pub trait Orders {
    async fn put(&self, orders: Streaming<String>) -> Result<(), Status>;
}
