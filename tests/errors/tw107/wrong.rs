use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("{0}")]
    #[rpc_error(status)]
    Upstream(Status),
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
