//! The client half: from a method of the trait to the head of a call, and back.
//!
//! A call goes through these files in this order: `stub` takes it from
//! the method, `call` puts together what is sent, `request` has the
//! messages of a caller who sends many, a [`Transport`] carries it (`tower` over HTTP, `in_process`
//! to a service in the same process), and `response` reads the answer.

mod answer;
mod boxed;
mod call;
mod failure;
#[cfg(feature = "server")]
mod in_process;
mod intercepted;
mod options;
mod raw;
mod request;
mod response;
mod stub;
#[cfg(feature = "tonic-channel")]
mod tonic;
mod tower;
mod transport;

#[cfg(feature = "server")]
pub use self::in_process::InProcess;
pub(crate) use self::intercepted::{CallHalf, Interception};
#[cfg(feature = "tonic-channel")]
pub use self::tonic::TonicChannel;
#[cfg(feature = "transport")]
pub(crate) use self::{
    answer::{answer, end_of_answer, without_status},
    failure::{code_of_h2, of_transport},
    request::{Cancelled, RequestStream},
    tower::{EACH, path_under, uri},
    transport::{IncomingCall, OutgoingCall, OutgoingHead, OutgoingMessages, Rest},
};
pub use self::{
    boxed::BoxTransport,
    call::{envelope, lend, plain},
    options::CallOptions,
    raw::RawClient,
    stub::{Call, Client, DefaultTransport, Uncallable},
    tower::RequestBody,
    transport::Transport,
};
