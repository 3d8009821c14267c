//! A client transport for gRPC from scratch, in the manner of grpc-go: from a message to the socket,
//! and back to the status. Each of its thirteen steps says when it is taken: see [`wire::steps`]. In
//! the code its number stands before it, and the book's chapter 18 tells them in their order.
//!
//! What it leaves out: TLS, name resolution, balancing, reconnecting, retries, keepalive, and an
//! estimate of how large the windows should be. A deadline is looked at where the caller waits; a
//! caller that is busy elsewhere tells the server at its next call.
//!
//! What bounds its memory: a stream's unwritten messages, its write quota and one message; its unread
//! data, its window and one message; header lists, 16 KiB; frames that the peer causes, 100.

mod call;
mod client_conn;
mod client_stream;
mod control_buffer;
mod flow_control;
mod framer;
mod headers;
mod http2_client;
mod loopy_writer;
mod message;
mod reader;
mod status;
mod stream;
mod streams;
#[cfg(test)]
mod tests;

pub use client_conn::{CallOptions, ClientConn, ConnOptions, Quotas, Target};
pub use client_stream::{ClientStream, Receiving, SendError, Sending};
