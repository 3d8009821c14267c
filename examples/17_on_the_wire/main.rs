//! The bytes of a call.
//!
//! A tap sits on the socket of a client and prints each frame that passes, with what is in it: the
//! header fields behind HPACK, the five bytes before a message, the fields of the message by name.
//! Each run is one call to the shop, made so that whatever passes has one possible order.
//!
//! The same tap works between any client and any server: as a proxy, which passes on every byte as
//! it is and prints what it understands. With the contract it knows the names of the fields.
//!
//! ```sh
//! cargo run --example 17_on_the_wire
//! cargo run --example 17_on_the_wire -- show
//! cargo run --example 17_on_the_wire -- show cancellation
//! cargo run --example 17_on_the_wire --features gzip -- show gzip
//!
//! cargo run --example 02_pow -- proto > pow.proto
//! cargo run --example 02_pow -- serve 127.0.0.1:8082
//! cargo run --example 17_on_the_wire -- proxy 127.0.0.1:9082 127.0.0.1:8082 --proto pow.proto
//! cargo run --example 02_pow -- call 127.0.0.1:9082
//! ```

#[path = "../shop/src/contract.rs"]
pub mod contract;
mod printer;
mod proxy;
mod runs;
mod shop;
#[cfg(test)]
mod tests;
mod words;

use std::process::ExitCode;

use traitwire::schema::Schema;
use workbook::Result;

use crate::{contract::ORDER_MANAGEMENT, words::Words};

async fn run(words: Words) -> Result {
    match words {
        Words::List => {
            for run in runs::RUNS {
                println!("{:<18} {}", run.name, run.about);
            }
        }
        Words::Show(run) => print!("{}", runs::show(run).await?),
        Words::Proxy(proxy) => proxy.run().await?,
        Words::Proto => print!("{}", Schema::of(&[&ORDER_MANAGEMENT])?),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let words = match Words::read(std::env::args().skip(1)) {
        Ok(words) => words,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match run(words).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.to_string().replace(char::is_control, "\u{fffd}"));
            ExitCode::FAILURE
        }
    }
}
