//! The contract.

use traitwire::{Request, Status, service};

/// A door that knows who comes in.
#[service(package = "door.v1", file = "door/v1/door.proto")]
pub trait Door {
    /// Greets the caller by the name in its certificate.
    async fn enter(&self, request: Request<()>) -> Result<String, Status>;
}
