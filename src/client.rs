//! The client half: from a method of the trait to the head of a call, and back.
//!
//! A call goes through these files in this order: `stub` takes it from
//! the method, `call` puts together what is sent, `request` has the
//! messages of a caller who sends many, a [`Transport`] carries it (`tower` over HTTP, `in_process`
//! to a service in the same process), and `response` reads the answer.

mod boxed;
mod call;
mod failure;
#[cfg(feature = "server")]
mod in_process;
mod options;
mod request;
mod response;
mod stub;
mod tonic;
mod tower;
mod transport;

#[cfg(feature = "server")]
pub use self::in_process::InProcess;
pub use self::{
    boxed::BoxTransport,
    call::{envelope, plain},
    options::CallOptions,
    stub::{Call, Client, Uncallable},
    tonic::TonicChannel,
    tower::RequestBody,
    transport::Transport,
};
