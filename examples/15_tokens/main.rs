//! Who may call what.
//!
//! An archive keeps documents. Its contract says which role each method takes, an interceptor checks the token of
//! every call, and another one writes down who has called what. The keys that tokens are signed with change while the
//! archive runs, and its clients get themselves new tokens.
//!
//! ```sh
//! cargo run --example 15_tokens
//! cargo run --example 15_tokens -- serve 127.0.0.1:50065
//! cargo run --example 15_tokens -- call 127.0.0.1:50065
//! ```

pub mod client;
pub mod contract;
pub mod guard;
pub mod issuer;
pub mod server;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, sync::Arc, time::Duration};

use traitwire::{Channel, Server, ServiceOptions, intercept::from_fn};
use workbook::{Result, Socket};

use crate::{
    contract::{ARCHIVE, ArchiveClient, ArchiveServer, IssuerClient, IssuerServer},
    guard::{Audit, Keys, Limiter, authorize, limit},
    issuer::Passports,
    server::Documents,
};

/// What is around every call of the archive, from the outside to the inside.
fn guarded(keys: Arc<Keys>, limiter: Arc<Limiter>) -> ServiceOptions {
    ServiceOptions::new()
        .intercept(Audit)
        .intercept(from_fn(move |call, next| authorize(Arc::clone(&keys), call, next)))
        .intercept(from_fn(move |call, next| limit(Arc::clone(&limiter), call, next)))
}

async fn serve(socket: Socket) -> Result {
    let passports = Arc::new(Passports::new()?);
    let keys = Arc::new(Keys::of(passports.keys()));
    let limiter = Arc::new(Limiter::new(5, Duration::from_secs(60)));
    let archive = ArchiveServer::new(Documents::default()).with(guarded(keys, limiter));
    // Who asks for a token has none yet.
    let issuer = IssuerServer::from_arc(passports);
    Server::new().add(archive).add(issuer).serve(socket.listener, socket.shutdown).await?;
    Ok(())
}

async fn call(server: String) -> Result {
    let channel = Channel::connect(server).await?;
    client::visit(&ArchiveClient::new(channel.clone()), &IssuerClient::new(channel)).await
}

#[tokio::main]
async fn main() -> ExitCode {
    workbook::run(&ARCHIVE, "127.0.0.1:50065", serve, call).await
}
