//! Those who call: a probe, a balancer and a customer.

use tokio::sync::Notify;
use traitwire::{
    Channel, Request, Streaming,
    health::{Health, HealthCheckRequest, HealthCheckResponse, HealthClient},
};
use workbook::Result;

use crate::contract::{ORDERS, Orders, OrdersClient};

/// Asks, watches and orders, while the store goes and the server ends. `end` tells the server to.
pub async fn tell(server: String, end: &Notify) -> Result {
    let channel = Channel::connect(server).await?;
    let orders = OrdersClient::new(channel.clone());
    let health = HealthClient::new(channel);

    for service in ["", "shop.v1.Orders", "shop.v1.Prices"] {
        probe(&health, service).await;
    }
    println!("balancer → watch {}", ORDERS.full_name());
    let request = HealthCheckRequest { service: ORDERS.full_name() };
    let mut watch = health.watch(Request::new(request));
    hear(&mut watch).await;
    orders.set_store(false).await?;
    hear(&mut watch).await;
    orders.set_store(true).await?;
    hear(&mut watch).await;

    println!("customer → a piano");
    let mut piano = orders.place("piano");
    next(&mut piano).await;
    end.notify_one();
    hear(&mut watch).await;
    println!("customer → a flute");
    let mut flute = orders.place("flute");
    next(&mut flute).await;
    next(&mut flute).await;
    next(&mut piano).await;
    hear(&mut watch).await;
    println!("customer → a drum");
    next(&mut orders.place("drum")).await;
    Ok(())
}

/// Asks once, as an orchestrator does again and again.
async fn probe(health: &HealthClient, service: &str) {
    println!("probe → {service:?}");
    let request = HealthCheckRequest { service: service.to_owned() };
    match health.check(request).await {
        Ok(answer) => println!("probe ← {}", answer.status()),
        Err(status) => println!("probe ← {:?}: {}", status.code(), status.message()),
    }
}

/// Waits for news.
async fn hear(watch: &mut Streaming<HealthCheckResponse>) {
    match watch.message().await {
        Ok(Some(news)) => println!("balancer ← {}", news.status()),
        Ok(None) => println!("balancer ← the end"),
        Err(status) => println!("balancer ← {:?}", status.code()),
    }
}

/// What becomes of an order next.
async fn next(order: &mut Streaming<String>) {
    match order.message().await {
        Ok(Some(news)) => println!("customer ← {news}"),
        Ok(None) => println!("customer ← the end"),
        Err(status) => println!("customer ← {:?}", status.code()),
    }
}
