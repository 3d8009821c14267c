use traitwire::{RpcError, Status};

#[derive(Debug, RpcError)]
#[rpc_error(domain = "shop.example.com")]
enum ShopError {
    #[rpc_error(code = NotFound)]
    NoOrder,
    #[rpc_error(code = Aborted)]
    Sold,
    #[rpc_error(internal)]
    Store,
    #[rpc_error(status)]
    Other(Status),
}

fn main() {}
