use traitwire::{Status, service};

#[service(package = "shop", package = "shop.v1")]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
}
