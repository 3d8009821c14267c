//! Generic implementations, and code that is generic over a service.

use std::{future::Future, sync::Arc};

use traitwire::{Status, Stream, service, stream_fn};

/// A service.
#[service]
pub trait Orders {
    /// One order.
    async fn get(&self, id: u32) -> Result<String, Status>;
    /// All orders.
    fn list(&self) -> impl Stream<Item = Result<String, Status>>;
}

/// What an implementation stores its orders in.
pub trait Store: Send + Sync + 'static {
    /// Reads one.
    fn read(&self, id: u32) -> impl Future<Output = Option<String>> + Send;
}

struct App<S> {
    store: S,
}

impl<S: Store> Orders for App<S> {
    async fn get(&self, id: u32) -> Result<String, Status> {
        self.store.read(id).await.ok_or_else(|| Status::not_found(format!("no order {id}")))
    }

    fn list(&self) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async |mut out| {
            for id in 0..2 {
                if let Some(order) = self.store.read(id).await {
                    out.send(order).await?;
                }
            }
            Ok(())
        })
    }
}

struct Fixed(&'static str);

impl Store for Fixed {
    async fn read(&self, id: u32) -> Option<String> {
        (id == 1).then(|| self.0.to_owned())
    }
}

async fn first(orders: &impl Orders) -> Result<String, Status> {
    orders.get(1).await
}

fn is_shared<T: Send + Sync + Clone + 'static>(_: &T) {}

fn is_sent<T: Send>(it: T) -> T {
    it
}

#[tokio::test]
async fn an_implementation_may_be_generic_over_its_store() {
    let server = OrdersServer::from_arc(Arc::new(App { store: Fixed("apples") }));
    is_shared(&server);
    let client = OrdersClient::new(server);
    is_shared(&client);
    assert_eq!(is_sent(first(&client)).await.unwrap(), "apples");
    let mut list = is_sent(client.list());
    assert_eq!(list.message().await.unwrap().as_deref(), Some("apples"));
}
