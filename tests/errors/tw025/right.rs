use traitwire::{Status, Streaming, service};

#[service]
pub trait Orders {
    async fn sum(&self, numbers: Streaming<u64>) -> Result<u64, Status>;
}
