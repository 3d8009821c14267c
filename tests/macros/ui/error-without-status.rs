//! An error that is no status.

use traitwire::service;

#[derive(Debug)]
pub struct ShopError;

#[service(client = false)]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, ShopError>;
}

fn main() {}
