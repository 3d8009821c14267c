//! The tap passes on every byte, and says of each what a peer would make of it.

mod call;
mod frames;
mod mutation;
mod tap;
mod trace;

use std::time::Duration;

/// A wait that must end.
async fn soon<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it happens soon")
}
