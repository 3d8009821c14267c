use traitwire::{Status, service};

#[service(package = "shop")]
pub trait Orders {
    #[rpc(attr = "admin")]
    async fn delete(&self, id: &str) -> Result<(), Status>;
}
