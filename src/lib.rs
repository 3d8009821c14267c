//! Write one Rust trait: Traitwire makes of it a gRPC server, a client that implements the same
//! trait, and a descriptor, over [tonic](https://docs.rs/tonic) and [prost](https://docs.rs/prost).

mod cardinality;
#[cfg(feature = "client")]
mod client;
mod codec;
pub mod deadline;
mod descriptor;
#[cfg(feature = "client")]
mod mend;
mod message;
#[cfg(feature = "server")]
mod outlet;
#[cfg(feature = "server")]
mod request;
#[doc(hidden)]
pub mod rt;
#[cfg(feature = "server")]
mod running;
#[cfg(feature = "server")]
mod server;
mod slot;
mod status;
mod streaming;

pub use descriptor::{MethodDescriptor, MethodKind, ServiceDescriptor, TypeRef};
pub use message::Message;
pub use slot::{Sender, stream_fn};
pub use streaming::Streaming;
pub use tokio_stream::{Stream, StreamExt};
pub use tonic::{self, Code, Request, Response, Status};
pub use traitwire_macros::{Describe, service};
