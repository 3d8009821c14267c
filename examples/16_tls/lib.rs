//! The parts of example 16, which are there with the feature `tls`.

#![cfg(feature = "tls")]

pub mod authority;
pub mod client;
pub mod contract;
pub mod server;
