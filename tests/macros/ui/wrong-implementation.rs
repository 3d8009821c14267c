//! An implementation that returns something else.

use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<String, Status>;
    async fn put(&self, order: String) -> Result<(), Status>;
}

struct Shop;

impl Orders for Shop {
    async fn get(&self, id: u32) -> Result<String, Status> {
        Ok(id.to_string())
    }
}

fn main() {}
