//! Streams: nothing is lost, nothing runs ahead, nothing is left behind.

mod back_pressure;
mod cancel_safe;
mod deadlines;
mod decorators;
mod dropped;
mod errors;
mod executor;
mod panics;
mod service;
mod slot;
mod slot_random;
mod streaming;
