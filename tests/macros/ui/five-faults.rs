//! Five faults are five errors: the service, its server and its client are there all the same.

use traitwire::{Status, Stream, Streaming, service};

#[service(pakage = "ecommerce")]
pub trait OrderManagement {
    const LIMIT: u32 = 10;
    async fn get_order(&mut self, id: String) -> Result<String, Status>;
    async fn find_order(&self, name: String, limit: u32) -> Result<String, Status>;
    async fn count_orders(&self) -> u64;
    fn search_orders(&self, query: String) -> impl Stream<Item = Result<String, Status>>;
    async fn update_orders(&self, orders: Streaming<String>) -> Result<String, Status>;
}

struct Shop;

impl OrderManagement for Shop {
    async fn get_order(&mut self, id: String) -> Result<String, Status> {
        Ok(id)
    }

    async fn find_order(&self, name: String, _limit: u32) -> Result<String, Status> {
        Ok(name)
    }

    async fn count_orders(&self) -> u64 {
        0
    }

    fn search_orders(&self, _query: String) -> impl Stream<Item = Result<String, Status>> {
        traitwire::stream_fn(async |_| Ok(()))
    }

    async fn update_orders(&self, _orders: Streaming<String>) -> Result<String, Status> {
        Ok(String::new())
    }
}

async fn call() -> Result<(), Status> {
    let client = OrderManagementClient::new(OrderManagementServer::new(Shop));
    client.search_orders(String::new()).message().await?;
    client.count_orders().await;
    client.update_orders(std::iter::empty().collect()).await?;
    println!("{}", ORDER_MANAGEMENT.name);
    Ok(())
}

fn main() {
    drop(call());
}
