//! Streams: nothing is lost, nothing runs ahead, nothing is left behind.

mod executor;
mod slot;
mod slot_random;
