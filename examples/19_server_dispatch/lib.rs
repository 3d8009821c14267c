//! A gRPC server, from the socket to the status.
//!
//! It goes the way of grpc-go's server, under the same names, and hosts every service that
//! `#[service]` makes. HTTP/2 frames are the `h2` crate's work, and messages and methods the
//! service's. What is between them is here:
//!
//! | step | item | file |
//! |---|---|---|
//! | 1 | [`Server::serve`]: accepts connections | `server.rs` |
//! | 2 | `handle_raw_conn`: the HTTP/2 handshake, within its deadline | `conn.rs` |
//! | 3 | `add_conn`: the connection is registered | `conn.rs` |
//! | 4 | `handle_streams`: a stream for each request | `streams.rs` |
//! | 5 | `operate_headers`: what a request must say before it is a call | `headers.rs` |
//! | 6 | `dispatch`: a worker takes the stream, or a task of its own | `workers.rs` |
//! | 7 | `handle_stream`: the service, and then the method | `call.rs`, `registry.rs` |
//! | 8 | `Unpack`: the prefix of each message, and its decompression | `message.rs`, `recv.rs` |
//! | 9 | the handler | `call.rs` |
//! | 10 | `Pack`, `write`: compression, and the window of the caller | `message.rs`, `reply.rs` |
//! | 11 | `write_status` | `reply.rs` |
//! | 12 | `remove_conn` | `conn.rs` |
//! | 13 | [`Server::graceful_stop`], `drain`: GOAWAY, PING, GOAWAY | `server.rs`, `streams.rs` |
//!
//! ```
//! # use std::sync::Arc;
//! # use server_dispatch::Server;
//! # use shop::{ORDER_MANAGEMENT, OrderManagementServer, Shop};
//! # use traitwire::Status;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::with_samples().await.map_err(Status::from)?;
//! let server = Server::new()
//!     .num_stream_workers(4)
//!     .register_service(&ORDER_MANAGEMENT, OrderManagementServer::new(shop));
//! let server = Arc::new(server);
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let serving = tokio::spawn(server.clone().serve(listener));
//! server.graceful_stop().await;
//! serving.await?;
//! # Ok(())
//! # }
//! ```
//!
//! Memory is bounded for each connection: by [`Server::max_concurrent_streams`], and for each of
//! these by its window (1 MiB, and 4 MiB for all of them), [`Server::max_recv_msg_size`], and 64 KiB
//! of what the caller has not read yet. How many connections there are is for the listener to bound,
//! as in grpc-go; so is a caller who vanished without a word, for there is no keepalive here.

mod call;
mod conn;
mod headers;
mod message;
mod panics;
mod recv;
mod registry;
mod reply;
mod server;
mod streams;
#[cfg(test)]
mod tests;
mod workers;

pub use registry::Hosted;
pub use server::Server;
pub use workers::Dispatched;
