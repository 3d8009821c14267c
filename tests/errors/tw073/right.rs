use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: &str) -> Result<String, Status>;
}
