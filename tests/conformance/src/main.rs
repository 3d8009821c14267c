//! The program that the Connect conformance suite starts, on the public interface of the library.
//!
//! | argument | what it is |
//! |---|---|
//! | `server` | the server under test |
//! | `client` | the client under test |
//!
//! Both take what they are to do from their standard input, as [`suite`] has it. One case by hand,
//! with all that goes over the wire:
//!
//! ```sh
//! cargo build -p conformance --features suite
//! target/peers/go/bin/connectconformance --conf tests/conformance/config.yaml --mode client \
//!     --trace --run '**/unexpected-compression' -- target/debug/conformance client
//! ```

mod client;
mod contract;
mod metadata;
mod server;
mod suite;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let run = match std::env::args().nth(1).as_deref() {
        Some("server") => server::run().await,
        Some("client") => client::run().await,
        _ => Err("expected `server` or `client`".into()),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
