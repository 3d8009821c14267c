use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
pub enum ShopError {
    #[error("no such order")]
    #[rpc_error(code = NotFound)]
    NoOrder,
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
