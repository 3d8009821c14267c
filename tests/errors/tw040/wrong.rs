use traitwire::{Status, service};

#[service]
pub trait Orders {
    #[rpc(unimplemented)]
    async fn get(&self) -> Result<String, Status> {
        Ok(String::new())
    }
}
