//! An error that the client cannot make of the status that it receives.

use traitwire::{Status, service};

#[derive(Debug)]
pub struct ShopError;

impl From<ShopError> for Status {
    fn from(_: ShopError) -> Self {
        Status::internal("the shop is closed")
    }
}

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, ShopError>;
}

fn main() {}
