//! What callers see of a server that ends.

use std::{sync::Arc, time::Instant};

use tokio::{net::TcpListener, sync::Notify};
use traitwire::{
    Channel, Code,
    health::{Health, HealthCheckRequest, HealthClient, ServingStatus},
};

use crate::{
    contract::{Orders, OrdersClient},
    server::{DELAY, serve},
};

/// A server, a channel to it, and what tells the server to end.
async fn scene() -> (tokio::task::JoinHandle<()>, Channel, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let end = Arc::new(Notify::new());
    let told = end.clone();
    let served = tokio::spawn(async move {
        serve(listener, async move { told.notified().await }).await.unwrap();
    });
    (served, Channel::connect(address).await.unwrap(), end)
}

async fn how_it_is(channel: &Channel, service: &str) -> Result<ServingStatus, Code> {
    let request = HealthCheckRequest { service: service.to_owned() };
    let answer = HealthClient::new(channel.clone()).check(request).await;
    answer.map(|it| it.status()).map_err(|status| status.code())
}

#[tokio::test]
async fn an_order_in_hand_is_packed_and_the_server_ends_when_it_is() {
    let (served, channel, end) = scene().await;
    let orders = OrdersClient::new(channel.clone());
    let mut piano = orders.place("piano");
    piano.message().await.unwrap();
    let start = Instant::now();
    end.notify_one();
    assert_eq!(piano.message().await.unwrap().as_deref(), Some("here is the piano"));
    assert_eq!(piano.message().await.unwrap(), None);
    served.await.unwrap();
    let took = start.elapsed();
    assert!(
        took >= 2 * DELAY && took < 10 * DELAY,
        "not before the piano, and not 20 s later: {took:?}"
    );
}

#[tokio::test]
async fn a_store_that_is_away_makes_its_own_service_unfit_and_not_the_server() {
    let (_served, channel, _end) = scene().await;
    assert_eq!(how_it_is(&channel, "shop.v1.Orders").await, Ok(ServingStatus::Serving));
    OrdersClient::new(channel.clone()).set_store(false).await.unwrap();
    assert_eq!(how_it_is(&channel, "shop.v1.Orders").await, Ok(ServingStatus::NotServing));
    assert_eq!(how_it_is(&channel, "").await, Ok(ServingStatus::Serving));
    assert_eq!(how_it_is(&channel, "shop.v1.Prices").await, Err(Code::NotFound));
}
