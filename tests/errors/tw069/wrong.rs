use traitwire::{Status, service};

#[service]
pub trait Orders {
    pub async fn get(&self) -> Result<String, Status>;
}
