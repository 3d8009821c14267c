//! Exercise 16, solved.

use traitwire::{Peer, Request, Status, service};

/// A safe.
#[service(package = "bank.v1")]
pub trait Safe {
    /// What is in it.
    async fn open(&self, request: Request<()>) -> Result<String, Status>;
}

/// The server, and who may open it.
pub struct Vault {
    pub owners: Vec<String>,
}

impl Safe for Vault {
    async fn open(&self, request: Request<()>) -> Result<String, Status> {
        let names = Peer::of(&request).map(Peer::names).unwrap_or_default();
        if names.is_empty() {
            return Err(Status::unauthenticated("a certificate with a name is wanted"));
        }
        match names.iter().any(|name| self.owners.contains(name)) {
            true => Ok("gold".to_owned()),
            false => Err(Status::permission_denied("this is not your safe")),
        }
    }
}
