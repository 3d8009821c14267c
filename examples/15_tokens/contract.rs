//! The contract: who may call what is a part of it.

use traitwire::{Request, Status, Stream, service};

/// An archive of documents.
#[service(package = "archive.v1", file = "archive/v1/archive.proto")]
pub trait Archive {
    /// A document, by its number.
    #[rpc(attr(role = "reader"))]
    async fn read(&self, number: u32) -> Result<String, Status>;
    /// The titles of all documents.
    #[rpc(attr(role = "reader"))]
    fn list(&self) -> impl Stream<Item = Result<String, Status>>;
    /// Seals a document, so that nobody reads it any more. The ledger learns who it was.
    #[rpc(attr(role = "keeper"))]
    async fn seal(&self, number: Request<u32>) -> Result<(), Status>;
    /// Destroys a document. Nobody has decided yet who may.
    async fn destroy(&self, number: u32) -> Result<(), Status>;
}

/// What the archive does is written here.
#[service(package = "archive.v1", file = "archive/v1/archive.proto")]
pub trait Ledger {
    /// Writes a line, under the name in `x-user`.
    async fn note(&self, line: Request<String>) -> Result<(), Status>;
}

/// Gives out tokens. In your system this is an identity provider.
#[service(package = "archive.v1", file = "archive/v1/issuer.proto")]
pub trait Issuer {
    /// A token for a user.
    async fn token(&self, user: &str) -> Result<String, Status>;
    /// Signs with another key from now on. Tokens of the key before are worth nothing any more.
    async fn rotate(&self) -> Result<(), Status>;
}
