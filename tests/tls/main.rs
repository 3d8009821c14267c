//! TLS over real sockets: what a handshake lets through, what it refuses and how that is said, and what is renewed
//! while it runs.
//!
//! `cargo test -p tls-tests --features suite`; `RENEWALS=1000` is the long form of what runs under load.

mod calls;
mod certs;
mod own;
mod peers;
mod providers;
mod renewal;
mod servers;
mod service;
mod strangers;
