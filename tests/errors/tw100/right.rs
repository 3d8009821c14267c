use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("the disk is busy")]
    #[rpc_error(code = Unavailable, reason = "DISK_BUSY")]
    Io,
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
