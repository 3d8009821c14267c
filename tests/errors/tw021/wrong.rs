use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn find(&self, name: String, limit: u32) -> Result<String, Status>;
}
