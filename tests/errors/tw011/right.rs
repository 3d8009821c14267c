use traitwire::{Status, service};

#[service(rename_all = "camelCase")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
