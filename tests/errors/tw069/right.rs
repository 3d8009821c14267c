use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self) -> Result<String, Status>;
}
