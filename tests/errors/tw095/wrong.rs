use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError<I> {
    #[error("no such item")]
    #[rpc_error(code = NotFound)]
    NoItem(I),
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
