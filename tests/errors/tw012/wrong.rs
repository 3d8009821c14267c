use traitwire::{Status, service};

#[service]
pub unsafe trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
