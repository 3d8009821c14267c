use std::time::Duration;

use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("too many orders at once")]
    #[rpc_error(code = ResourceExhausted)]
    TooMany {
        #[rpc_error(retry_info)]
        after: Duration,
        before: Duration,
    },
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
