use traitwire::{Status, service};

#[service]
pub trait Orders {
    #[cfg(windows)]
    #[rpc(name = "Fetch")]
    async fn get(&self) -> Result<String, Status>;
    #[cfg(not(windows))]
    async fn get(&self) -> Result<String, Status>;
}
