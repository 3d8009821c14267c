use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, #[allow(unused)] id: String) -> Result<String, Status>;
}
