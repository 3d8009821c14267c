//! The official interop cases of gRPC, on `grpc.testing.TestService` as a `#[service]` trait.
//!
//! [`contract`] is the trait, [`service`] the server, [`cases`] what a client does and expects. The
//! binaries `interop-server` and `interop-client` take the flags of other implementations'.
//! [`stock`] is the same server and client as stock tonic has them, to compare with.
//!
//! Some cases are about what no handler sees: the compressed flag of a message. [`wire`] is a tower
//! layer that adds it, for ours and for stock tonic alike.

pub mod cases;
pub mod contract;
pub mod echo;
pub mod flags;
pub mod service;
pub mod stock;
pub mod wire;
