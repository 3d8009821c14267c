//! A client transport for gRPC from scratch, in the manner of grpc-go: from a message to the socket,
//! and back to the status.
//!
//! The steps of a call, and where they are:
//!
//! | | step | file |
//! |---|---|---|
//! | 1 | [`ClientConn::invoke`] | `client_conn.rs` |
//! | 2 | [`ClientConn::new_client_stream`] | `client_conn.rs` |
//! | 3 | `Http2Client::new_stream`: header fields, stream quota, an id, HEADERS into the control buffer | `http2_client.rs`, `streams.rs` |
//! | 4 | [`message::prepare_msg`]: encode, compress, five bytes in front | `message.rs` |
//! | 5 | `Http2Client::write`: takes [write quota](flow_control::WriteQuota), marks the last message | `http2_client.rs`, `flow_control.rs` |
//! | 6 | `ControlBuffer::execute_and_put` | `control_buffer.rs` |
//! | 7 | `LoopyWriter::handle`: the stream joins the active streams | `loopy_writer.rs` |
//! | 8 | `LoopyWriter::process_data`: one frame of the stream whose turn it is | `loopy_writer.rs` |
//! | 9 | the yield, once, below [`MIN_BATCH_SIZE`] | `loopy_writer.rs` |
//! | 10 | `Framer::flush`: the buffer to the socket | `framer.rs` |
//! | 11 | `Reader::handle`: frames to their streams | `reader.rs` |
//! | 12 | [`Receiving::recv_msg`] | `client_stream.rs` |
//! | 13 | `Call::finish`: the status, and quotas given back | `call.rs` |
//!
//! Each step says when it is taken: see [`wire::steps`].
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
pub mod flow_control;
mod framer;
mod headers;
mod http2_client;
mod loopy_writer;
pub mod message;
mod reader;
pub mod status;
mod stream;
mod streams;
#[cfg(test)]
mod tests;

pub use client_conn::{CallOptions, ClientConn, ConnOptions, Quotas};
pub use client_stream::{ClientStream, Receiving, SendError, Sending, StreamDesc};
pub use loopy_writer::MIN_BATCH_SIZE;
