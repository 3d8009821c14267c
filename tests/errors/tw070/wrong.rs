use traitwire::{Status, service};

#[service]
pub trait Orders {
    #[cfg_attr(windows, rpc(name = "Fetch"))]
    async fn get(&self) -> Result<String, Status>;
}
