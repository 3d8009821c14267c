//! What carries calls.

pub(crate) mod server;
