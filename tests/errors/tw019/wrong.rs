use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(id: String) -> Result<String, Status>;
}
