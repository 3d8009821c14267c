use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get_order(&self, id: String) -> Result<String, Status>;
}
