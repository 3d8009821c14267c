//! The official interop cases: ours, stock tonic, and peers in other languages, each with each.

mod added;
mod channels;
mod compression;
mod contract;
mod controls;
mod deadline;
mod dispatch;
mod pairings;
mod peers;
mod programs;
mod write_path;

use std::time::Duration;

use interop::cases::{Outcome, Soak, Stack, run};
use traitwire_tests::Server;

/// Runs a case against a server in this process.
async fn outcome<S: Stack>(server: &Server, case: &str) -> Outcome {
    outcome_at::<S>(&server.uri(), case).await
}

async fn outcome_at<S: Stack>(uri: &str, case: &str) -> Outcome {
    // Whether a machine is busy is not what is tested.
    let (max_latency, overall_timeout) = (Duration::from_secs(20), Duration::from_secs(60));
    run::<S>(case, uri, &Soak { max_latency, overall_timeout, ..Soak::default() }).await
}
