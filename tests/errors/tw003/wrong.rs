use traitwire::{Status, service};

#[service(pakage = "shop")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
