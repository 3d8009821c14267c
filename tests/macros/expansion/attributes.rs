//! Every key of `#[service]` and `#[rpc]`, and the attributes that travel.

use traitwire::{Status, service};

extern crate traitwire as renamed;

/// All keys.
#[service(
    package = "keys.v1",
    name = "AllKeys",
    rename_all = "snake_case",
    file = "keys/v1/all_keys.proto",
    unimplemented,
    server = true,
    client = true,
    crate = "renamed"
)]
pub trait Keys {
    /// Another name on the wire.
    #[rpc(name = "Other")]
    async fn one(&self) -> Result<(), Status>;
    /// A body of its own.
    async fn two(&self, number: u32) -> Result<u32, Status> {
        Ok(number * 2)
    }
    /// There on no platform.
    #[cfg(any())]
    async fn three(&self) -> Result<(), Status>;
    /// Old.
    #[deprecated = "use `two`"]
    async fn four(&self) -> Result<(), Status>;
}

/// The server's half alone, with one method that may be missing.
#[service(client = false)]
pub trait ServerOnly {
    /// Answers UNIMPLEMENTED unless it is written.
    #[rpc(unimplemented)]
    async fn maybe(&self) -> Result<(), Status>;
    /// Must be written.
    async fn always(&self) -> Result<(), Status>;
}
