use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("no item {item} in order {id}")]
    #[rpc_error(code = NotFound)]
    NoItem {
        #[rpc_error(send)]
        id: String,
        #[rpc_error(send)]
        item: String,
    },
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
