//! The transport is taken through what a server may do: the four shapes, tight quotas, ends in the
//! middle, and bytes that should not be.

mod bad_input;
mod ends;
mod messages;
mod mutations;
mod peer;
mod receiving;
mod sending;
mod shapes;
mod stream_quota;
