use traitwire::{RpcError, Status, service};

// The service that uses the error has no fault of its own.
#[service]
trait Orders {
    async fn count(&self) -> Result<u64, ShopError>;
}

#[derive(Debug, RpcError)]
#[rpc_error(domain = "the shop")]
enum ShopError {
    #[rpc_error(code = NoOrder)]
    NoOrder,
    Store,
    #[rpc_error(status)]
    Other(Status),
}

fn main() {}
