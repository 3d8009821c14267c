use traitwire::{Status, service};

#[service("shop")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
