//! Exercise 16: who calls, and who may.
//!
//! A safe opens for its owners. So far it believes what a caller says of itself, in the metadata `x-user`, which
//! anybody can write. Believe the certificate instead: `Peer` has the names in it, which the server has verified
//! before the call.
//!
//! | the caller's certificate | what it gets |
//! |---|---|
//! | is not there, or has no name | UNAUTHENTICATED: it must say who it is |
//! | has names, and none of them is an owner | PERMISSION_DENIED: it may not, whoever it is |
//! | has an owner among its names | `"gold"` |
//!
//! ```sh
//! cargo xtask check 16
//! ```

use traitwire::{Request, Status, service};

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
        let user = request.metadata().get("x-user").and_then(|user| user.to_str().ok());
        match user {
            Some(user) if self.owners.iter().any(|owner| owner == user) => Ok("gold".to_owned()),
            _ => Err(Status::permission_denied("this is not your safe")),
        }
    }
}
