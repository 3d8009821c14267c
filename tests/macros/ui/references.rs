//! References that a call cannot lend: one error for each, and none for what is implemented and called.

use traitwire::{Request, Status, Streaming, message, service};

#[message]
pub struct Order {}

#[service]
pub trait Orders {
    async fn change(&self, order: &mut Order) -> Result<(), Status>;
    async fn keep(&self, id: &'static str) -> Result<(), Status>;
    async fn named<'a>(&self, id: &'a str) -> Result<(), Status>;
    async fn undeclared(&self, id: &'b str) -> Result<(), Status>;
    async fn owned(&self, id: &String) -> Result<(), Status>;
    async fn count(&self, limit: &u32) -> Result<(), Status>;
    async fn envelope(&self, id: Request<&Order>) -> Result<(), Status>;
    async fn many(&self, orders: Streaming<&Order>) -> Result<(), Status>;
    async fn any(&self, order: &dyn Send) -> Result<(), Status>;
    async fn inside(&self, ids: Vec<&str>) -> Result<(), Status>;
    async fn itself(self, id: &str) -> Result<(), Status>;
    async fn get(&self, id: &str) -> Result<&Order, Status>;
    async fn right(&self, order: &Order) -> Result<Order, Status>;
}

/// What is borrowed is no message.
pub struct Local;

#[service]
pub trait Locals {
    async fn get(&self, local: &Local) -> Result<(), Status>;
}

struct Shop(Order);

impl Orders for Shop {
    async fn get(&self, _id: &str) -> Result<&Order, Status> {
        Ok(&self.0)
    }

    async fn right(&self, order: &Order) -> Result<Order, Status> {
        Ok(order.clone())
    }
}

/// An implementation that takes what the trait lends.
struct Greedy;

#[service]
pub trait Greetings {
    async fn greet(&self, name: &str) -> Result<String, Status>;
}

impl Greetings for Greedy {
    async fn greet(&self, name: String) -> Result<String, Status> {
        Ok(name)
    }
}

fn main() {
    let client = OrdersClient::in_process(Shop(Order {}));
    drop(client.right(&Order {}));
}
