use traitwire::{Status, service};

#[service]
pub trait Orders: Default {
    async fn get(&self, id: String) -> Result<String, Status>;
}
