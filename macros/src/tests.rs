//! The macros, called in process.

mod bad_inputs;
mod bad_messages;
mod error_index;
mod expansion;
mod random;
mod source;
