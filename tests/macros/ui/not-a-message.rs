//! A type that is no protobuf message, wherever it stands: the server, the client and the descriptor are
//! used, and only the type is refused, once.

use traitwire::{Request, Response, Status, Stream, Streaming, service, stream_fn};

pub struct Order {
    pub id: String,
}

#[service]
pub trait Orders {
    async fn get(&self, id: String) -> Result<Order, Status>;
    async fn put(&self, order: Request<Order>) -> Result<Response<String>, Status>;
    fn search(&self, query: String) -> impl Stream<Item = Result<Order, Status>>;
    async fn update(&self, orders: Streaming<Order>) -> Result<String, Status>;
    async fn process(
        &self,
        orders: Request<Streaming<Order>>,
    ) -> Result<Response<impl Stream<Item = Result<Order, Status>>>, Status>;
}

struct Shop;

impl Orders for Shop {
    async fn get(&self, id: String) -> Result<Order, Status> {
        Ok(Order { id })
    }

    async fn put(&self, order: Request<Order>) -> Result<Response<String>, Status> {
        Ok(Response::new(order.into_inner().id))
    }

    fn search(&self, query: String) -> impl Stream<Item = Result<Order, Status>> {
        stream_fn(async |mut out| {
            out.send(Order { id: query }).await?;
            Ok(())
        })
    }

    async fn update(&self, mut orders: Streaming<Order>) -> Result<String, Status> {
        Ok(orders.message().await?.unwrap().id)
    }

    async fn process(
        &self,
        orders: Request<Streaming<Order>>,
    ) -> Result<Response<impl Stream<Item = Result<Order, Status>>>, Status> {
        Ok(Response::new(orders.into_inner()))
    }
}

async fn call() -> Result<(), Status> {
    let client = OrdersClient::new(OrdersServer::new(Shop));
    let order = client.get(String::new()).await?;
    client.put(Request::new(order)).await?;
    let orders = client.search(String::new());
    client.process(Request::new(orders)).await?.into_inner().message().await?;
    println!("{}", ORDERS.name);
    Ok(())
}

fn main() {
    drop(call());
}
