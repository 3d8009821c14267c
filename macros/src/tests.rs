//! The macros, called in process.

mod bad_inputs;
mod error_index;
mod expansion;
mod random;
mod source;
