use traitwire::{Status, service};

#[service]
pub trait Orders {
    #[rpc(name = "Connect")]
    async fn connect_rpc(&self) -> Result<(), Status>;
}
