//! HTTP/2 ([RFC 9113]) and its header compression ([RFC 7541]), without sockets, clocks or tasks.
//!
//! A [`Connection`] is given the bytes that were read and the time, and gives [`Event`]s and the bytes that
//! are to be written. Who reads, who writes, and where the work is done is decided by the caller, so the same
//! code runs over TCP, over TLS, in a test without any socket, and under a fuzzer.
//!
//! ```
//! use std::time::Instant;
//!
//! use bytes::{Buf, Bytes};
//! use traitwire_http2::{Config, Connection, Event, Fields};
//!
//! // What would be a socket elsewhere.
//! fn carry(from: &mut Connection, to: &mut Connection) {
//!     let output = from.output();
//!     while output.has_remaining() {
//!         let chunk = output.chunk();
//!         to.input().extend_from_slice(chunk);
//!         let length = chunk.len();
//!         output.advance(length);
//!     }
//! }
//!
//! let now = Instant::now();
//! let mut client = Connection::client(Config::default(), now);
//! let mut server = Connection::server(Config::default(), now);
//!
//! let request = Fields::from_iter([
//!     (":method", "POST"),
//!     (":scheme", "http"),
//!     (":path", "/shop.Orders/Get"),
//!     ("te", "trailers"),
//! ]);
//! let stream = client.begin(&request, false)?;
//! client.send_data(stream, Bytes::from_static(b"106"), true)?;
//! carry(&mut client, &mut server);
//!
//! let mut received = Vec::new();
//! while let Some(event) = server.next_event(now)? {
//!     match event {
//!         Event::Headers { fields, .. } => assert_eq!(fields.path(), Some("/shop.Orders/Get")),
//!         Event::Data { stream, data, .. } => {
//!             // The client may send as much again.
//!             server.release(stream, data.len());
//!             received.extend(data);
//!         }
//!         _ => {}
//!     }
//! }
//! assert_eq!(received, b"106");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms are those of the RFCs: [`frame`] has the frames (§4, §6), [`hpack`] the compression, and
//! [`Connection`] the rest, from the preface to GOAWAY. Each rule names its section; a bare "§" is one of
//! RFC 9113. What a peer may cost is bounded by [`Config`].
//!
//! What is not here: server push, which is announced as off; priorities, which §5.3.2 deprecates and which are read
//! and ignored; and extended CONNECT.
//!
//! [RFC 9113]: https://www.rfc-editor.org/rfc/rfc9113
//! [RFC 7541]: https://www.rfc-editor.org/rfc/rfc7541

mod config;
mod connection;
mod error;
mod fields;
mod flow;
pub mod frame;
pub mod hpack;
mod message;
mod output;
mod settings;
mod stream;
mod streams;

pub use config::{Config, Rate};
pub use connection::{Connection, Event, Section};
pub use error::{BeginError, ConnectionError, Reason, SendError};
pub use fields::{Field, Fields, Known};
pub use hpack::FieldBlock;
pub use output::Output;
pub use settings::{PeerSettings, Settings};
