use traitwire::RpcError;

#[derive(Debug, RpcError)]
#[rpc_error(domain = "shop.example.com")]
pub struct NoOrder {
    pub id: String,
}
