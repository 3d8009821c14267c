//! A generic service is refused, and its server and client are there all the same.

use traitwire::{Status, service};

#[service]
pub trait Orders<T> {
    async fn get(&self, id: String) -> Result<String, Status>;
}

struct Shop;

impl Orders<u32> for Shop {
    async fn get(&self, id: String) -> Result<String, Status> {
        Ok(id)
    }
}

fn main() {
    let _ = OrdersClient::new(OrdersServer::new(Shop));
}
