use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn count(&self) -> Result<u64, Status>;
}
