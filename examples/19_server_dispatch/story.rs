//! Both ends in one process: a call step by step, a pool that is busy, and an end in peace.

use std::error::Error;

use server_dispatch::Server;
use shop::{OrderManagement, OrderManagementClient};
use traitwire::{Channel, Status, StreamExt, Streaming};
use workbook::Result;

use crate::{
    callers::{call_what_is_not_there, get_order},
    steps::Steps,
};

/// What happens, in its order. The server has one worker.
pub(crate) async fn tell(address: String, server: &Server, mut steps: Steps) -> Result {
    steps.show(true);
    println!("client: connects");
    let channel = Channel::connect(address).await?;
    steps.until(3).await?;
    let shop = OrderManagementClient::new(channel.clone());
    get_order(&shop, "106").await?;
    call_what_is_not_there(channel).await?;
    steps.show(false);

    // A call that is open keeps the worker busy, so that the next one gets a task of its own.
    server.workers_are_idle().await;
    let before = server.dispatched();
    let (mut ids, requests) = Streaming::channel(3);
    println!("client → processOrders 102, 103, 104");
    for id in ["102", "103", "104"] {
        ids.send(id.to_owned()).await?;
    }
    let mut shipments = shop.process_orders(requests);
    for _ in 0..2 {
        let shipment = shipments.message().await?.ok_or("three orders make two shipments")?;
        println!("client ← {shipment}");
    }
    get_order(&shop, "103").await?;
    let after = server.dispatched();
    let (by_worker, by_task) = (after.by_worker - before.by_worker, after.by_task - before.by_task);
    println!("server: {by_worker} stream with the worker, {by_task} with a task of its own");

    // The server stops, and the call that is open ends whole.
    println!("server: stops, with {} connection", server.connections());
    steps.show(true);
    let goes_on = async {
        steps.until(13).await?;
        println!("client → processOrders 101");
        ids.send("101".to_owned()).await?;
        drop(ids);
        let rest: Result<Vec<_>, Status> = shipments.collect().await;
        Ok::<_, Box<dyn Error>>(rest?)
    };
    let ((), shipments) = tokio::join!(server.graceful_stop(), goes_on);
    println!("server: has stopped, with {} connections", server.connections());
    for shipment in shipments? {
        println!("client ← {shipment}");
    }
    Ok(())
}
