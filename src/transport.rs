//! What carries calls over sockets.

#[cfg(feature = "client")]
pub(crate) mod channel;
pub(crate) mod io;
#[cfg(feature = "server")]
pub(crate) mod server;
#[cfg(feature = "tls-no-provider")]
pub mod tls;
