use traitwire::{RpcError, Status};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("no order {id}")]
    #[rpc_error(code = NotFound)]
    NoOrder {
        #[rpc_error(send = "order id")]
        id: String,
    },
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}
