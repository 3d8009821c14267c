use std::{fmt, time::Duration};

use traitwire::{FieldViolation, RpcError, Status};

#[derive(Debug, RpcError)]
#[rpc_error(domain = "shop.example.com")]
enum ShopError {
    #[rpc_error(code = NotFound)]
    NoOrder {
        // Cannot be written as text, nor read from it.
        #[rpc_error(send)]
        id: Vec<u8>,
    },
    #[rpc_error(code = ResourceExhausted)]
    TooMany {
        // Is no time.
        #[rpc_error(retry_info)]
        after: u64,
        // Only written: the variant has a field that is not sent, so it is never read.
        #[rpc_error(send)]
        limit: fmt::Arguments<'static>,
        since: Duration,
    },
    #[rpc_error(code = InvalidArgument)]
    Invalid(#[rpc_error(bad_request)] FieldViolation),
    #[rpc_error(status)]
    Other(Status),
}

impl std::error::Error for ShopError {}

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error of the shop")
    }
}

fn main() {}
