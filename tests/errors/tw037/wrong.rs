use traitwire::{Status, service, tonic};

#[service]
pub trait Orders {
    async fn put(&self, orders: tonic::Streaming<String>) -> Result<(), Status>;
}
