use traitwire::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub enum ShopError {
    #[error("no such order")]
    #[rpc_error(code = NotFound)]
    NoOrder,
}
