use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get_order(&self) -> Result<String, Status>;
    async fn fetch(&self) -> Result<String, Status>;
}
