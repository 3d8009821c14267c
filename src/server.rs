//! The server half: from the head of a call to a method of the service, and back.
//!
//! A call goes through these files in this order: `tower` takes it in as an HTTP request, `admission`
//! reads its head, `method` has the handler that the path names, `call` polls it, and
//! `response_stream` gathers what a stream of answers has ready.

mod admission;
mod call;
mod method;
mod options;
mod response_stream;
mod served;
mod tower;

pub(crate) use self::{
    admission::{Admitted, OneMessage, admit},
    call::Call,
    method::{Input, One, Request, RequestHead, RequestMessages, Start},
    served::unimplemented,
};
pub use self::{
    method::{Method, or_status, reply, reply_with},
    options::ServiceOptions,
    served::{Dispatch, Served},
    tower::{ResponseBody, ResponseFuture},
};
