use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("the store failed")]
    #[rpc_error(internal)]
    Store(#[rpc_error(send = "path")] String),
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
