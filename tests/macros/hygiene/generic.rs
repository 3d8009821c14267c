//! Generic implementations, and code that is generic over a service.

use std::{future::Future, pin::pin, sync::Arc};

use traitwire::{Status, Stream, StreamExt, Streaming, Transport, service, stream_fn};

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

/// Counts while it holds what the stream borrows.
async fn count(orders: impl Orders) -> Result<usize, Status> {
    let mut list = pin!(orders.list());
    let mut count = 0;
    while let Some(order) = list.next().await {
        order?;
        count += 1;
    }
    Ok(count)
}

/// A stream that owns what it is read from.
fn all_of(orders: impl Orders) -> impl Stream<Item = Result<String, Status>> + 'static {
    stream_fn(async move |mut out| {
        let mut list = pin!(orders.list());
        while let Some(order) = list.next().await {
            out.send(order?).await?;
        }
        Ok(())
    })
}

/// The stream of a client owns its call, whatever carries it.
fn all_over<T: Transport>(client: &OrdersClient<T>) -> Streaming<String> {
    client.list()
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

#[tokio::test]
async fn a_stream_of_any_implementation_is_read_where_its_owner_lives() {
    let app = || App { store: Fixed("apples") };
    assert_eq!(tokio::spawn(count(app())).await.unwrap().unwrap(), 1);
    let client = OrdersClient::in_process(app());
    for mut all in [
        Streaming::new(all_of(app())),
        Streaming::new(all_of(client.clone())),
        all_over(&client),
        all_over(&client.clone().boxed()),
    ] {
        assert_eq!(all.message().await.unwrap().as_deref(), Some("apples"));
        assert_eq!(all.message().await.unwrap(), None);
    }
}
