//! The transport is taken through what a server may do: tight quotas, ends in the middle, and bytes
//! that should not be.

mod bad_input;
mod ends;
mod mutations;
mod peer;
mod receiving;
mod sending;
