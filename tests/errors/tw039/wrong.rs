use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get_order(&self) -> Result<String, Status>;
    #[rpc(name = "GetOrder")]
    async fn fetch(&self) -> Result<String, Status>;
}
