//! The client.

use std::time::Duration;

use traitwire::{CallOptions, Request};
use workbook::Result;

use crate::contract::{Depot, DepotClient};

/// How long a customer waits.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Looks for parcels, and has two forwarded.
pub async fn ask(depot: DepotClient) -> Result {
    find(&depot, "violin").await;
    find(&depot, "umbrella").await;
    forward(&depot, "boots").await?;
    leave(&depot, "skis").await?;
    find(&depot, "skis").await;
    Ok(())
}

/// Asks where a parcel is, but not for longer than a customer waits.
async fn find(depot: &DepotClient, parcel: &str) {
    let options = CallOptions::new()
        .timeout(PATIENCE)
        .metadata("x-customer", "Ada")
        .metadata_bin("x-trace-bin", &[0x5e, 0xed]);
    println!("client → find {parcel}, within {PATIENCE:?}");
    match depot.with(options).find(Request::new(parcel.to_owned())).await {
        Ok(place) => println!("client ← it is in {place}"),
        Err(status) => println!("client ← {:?}: {}", status.code(), status.message()),
    }
}

/// Follows a parcel on its way.
async fn forward(depot: &DepotClient, parcel: &str) -> Result {
    println!("client → forward {parcel}");
    let answer = depot.forward(parcel.to_owned()).await?;
    if let Some(truck) = answer.metadata().get("x-truck") {
        println!("client ← headers: truck {truck:?}");
    }
    let mut steps = answer.into_inner();
    while let Some(step) = steps.message().await? {
        println!("client ← {step}");
    }
    if let Some(receipt) = steps.trailers().and_then(|it| it.get_bin("x-receipt-bin")) {
        println!("client ← trailers: receipt {:02x?}", &receipt.to_bytes()?[..]);
    }
    Ok(())
}

/// Leaves as soon as a parcel is on its way.
async fn leave(depot: &DepotClient, parcel: &str) -> Result {
    println!("client → forward {parcel}");
    let mut steps = depot.forward(parcel.to_owned()).await?.into_inner();
    if let Some(step) = steps.message().await? {
        println!("client ← {step}");
    }
    println!("client: that is enough");
    Ok(())
}
