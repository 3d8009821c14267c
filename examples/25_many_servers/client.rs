//! A client of many servers.

use std::{collections::BTreeMap, time::Duration};

use traitwire::{Balance, Channel, ConnectError, HedgingPolicy, ServiceConfig};
use workbook::Result;

use crate::contract::{Stock, StockClient};

/// One channel to all servers.
pub fn connect(servers: impl IntoIterator<Item = String>) -> Result<Channel, ConnectError> {
    // Asks a second server when the first has failed, or is silent for half a second.
    let twice = HedgingPolicy::new(3, Duration::from_millis(500));
    Channel::list(servers)
        .balance(Balance::round_robin())
        .service_config(ServiceConfig::new().idempotent(twice))
        .backoff(Duration::from_millis(50), Duration::from_millis(500))
        .connect_lazy()
}

/// Asks so many times, and prints who has answered.
pub async fn ask(client: &StockClient, times: usize) {
    let mut answers = BTreeMap::<String, usize>::new();
    let mut failed = 0;
    for _ in 0..times {
        match client.level("tea").await {
            Ok(level) => *answers.entry(level.counted_by).or_default() += 1,
            Err(_) => failed += 1,
        }
    }
    let answers: Vec<_> = answers.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("client ← {times} calls, {failed} failed: {}", answers.join(", "));
}

/// Asks until `server` has answered, which is ready then.
pub async fn meet(client: &StockClient, server: &str) -> Result {
    while client.level("tea").await?.counted_by != server {}
    Ok(())
}
