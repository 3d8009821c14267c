use traitwire::{Status, service};

#[service(rename_all = "lowercase")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
