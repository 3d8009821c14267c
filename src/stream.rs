//! Streams of messages.

mod channel;
mod generator;
mod hand_over;
mod streaming;

pub(crate) use self::streaming::{Messages, decode, not_a_message};
pub use self::{
    channel::{SendError, Sender},
    generator::stream_fn,
    streaming::Streaming,
};
