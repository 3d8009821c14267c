//! A greeter: the contract, and the service behind it.

mod contract;
mod service;

pub use contract::*;
pub use service::Host;

/// Where the server listens, and where the client calls, when nobody says.
pub const ADDRESS: &str = "127.0.0.1:50051";
