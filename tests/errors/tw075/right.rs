use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: u64) -> Result<String, Status>;
}
