use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("no such item")]
    #[rpc_error(code = NotFound)]
    NoItem(String),
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
