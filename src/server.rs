//! The server half: from the head of a call to a method of the service, and back.
//!
//! A call goes through these files in this order: `tower` takes it in as an HTTP request, `admission`
//! reads its head, `method` has the handler that the path names, `intercepted` has what is around it, `call` polls it,
//! and `response_stream` gathers what a stream of answers has ready.

mod admission;
mod call;
mod intercepted;
mod method;
mod options;
mod peer;
mod refusal;
mod response_stream;
mod served;
mod text;
mod tower;
mod unknown;

pub(crate) use self::{
    admission::{Admitted, CallLimits, OneMessage, admit},
    call::{Call, Foreign, Panicked},
    intercepted::{Body, CallHalf, Interception},
    method::{Input, One, Request, RequestHead, RequestMessages, Start},
    peer::ConnectionInfo,
    refusal::{Refusal, refusal},
    served::{Mounted, unimplemented},
};
pub use self::{
    method::{Method, or_status, reply, reply_with},
    options::{Placement, ServiceOptions},
    peer::{Peer, ServerShutdown},
    served::{Dispatch, IntoServed, Served},
    text::text,
    tower::{ResponseBody, ResponseFuture},
    unknown::{MethodPath, UnknownMethods, unknown_methods},
};
