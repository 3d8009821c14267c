use traitwire::{Status, service};

#[service]
pub trait Orders {
    const LIMIT: u32 = 100;
    async fn list(&self) -> Result<String, Status>;
}
