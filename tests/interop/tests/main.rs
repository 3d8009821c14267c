//! The official interop cases: ours, stock tonic, and peers in other languages, each with each.

mod added;
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
use tonic::transport::Endpoint;
use traitwire_tests::Server;

/// Runs a case against a server in this process.
async fn outcome<S: Stack>(server: &Server, case: &str) -> Outcome {
    outcome_at::<S>(&server.uri(), case).await
}

async fn outcome_at<S: Stack>(uri: &str, case: &str) -> Outcome {
    let server = Endpoint::from_shared(uri.to_owned()).expect("an address is a URI");
    // Whether a machine is busy is not what is tested.
    let (max_latency, overall_timeout) = (Duration::from_secs(20), Duration::from_secs(60));
    run::<S>(case, &server, &Soak { max_latency, overall_timeout, ..Soak::default() }).await
}
