//! Those who call: also what the server does not have.

use shop::{OrderManagement, OrderManagementClient};
use traitwire::{Channel, Status, service};
use workbook::Result;

traitwire::package!("ecommerce");

/// The shop as a later version may have it.
#[service(name = "OrderManagement", rename_all = "camelCase", server = false)]
pub(crate) trait LaterOrderManagement {
    /// Takes an order back.
    async fn delete_order(&self, id: &str) -> Result<(), Status>;
}

/// Another service, which another server may have.
#[service(rename_all = "camelCase", server = false)]
pub(crate) trait Warehouse {
    /// How many there are.
    async fn count_items(&self, name: &str) -> Result<u32, Status>;
}

/// One call that the server can answer, and two that it cannot.
pub(crate) async fn call(server: String) -> Result {
    let channel = Channel::connect(server).await?;
    get_order(&OrderManagementClient::new(channel.clone()), "106").await?;
    call_what_is_not_there(channel).await
}

pub(crate) async fn get_order(shop: &OrderManagementClient, id: &str) -> Result {
    println!("client → getOrder {id:?}");
    println!("client ← {}", shop.get_order(id).await?);
    Ok(())
}

pub(crate) async fn call_what_is_not_there(channel: Channel) -> Result {
    println!("client → deleteOrder \"106\"");
    let later = LaterOrderManagementClient::new(channel.clone());
    refused(later.delete_order("106").await)?;

    println!("client → countItems \"Amazon Echo\"");
    let warehouse = WarehouseClient::new(channel);
    refused(warehouse.count_items("Amazon Echo").await)
}

fn refused<T>(answer: Result<T, Status>) -> Result {
    let Err(status) = answer else { return Err("nobody has that method".into()) };
    println!("client ← {:?}: {}", status.code(), status.message());
    Ok(())
}
