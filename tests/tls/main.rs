//! TLS over real sockets: what a handshake lets through, what it refuses and how that is said, and what is renewed
//! while it runs.
//!
//! `cargo test -p tls-tests --all-features` is all of it; `CASES=1000` is the long form of what runs under load.

mod calls;
mod certs;
mod own;
mod peers;
#[cfg(feature = "aws-lc")]
mod providers;
mod renewal;
mod servers;
mod service;
mod strangers;
