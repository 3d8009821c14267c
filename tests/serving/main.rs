//! `traitwire::Server`: each of its limits, seen from outside over a socket, and its end.
//!
//! Most of these run on a clock that stands still while there is anything to do and jumps when all
//! wait, so that ten seconds are exact, and pass at once.

mod accepting;
mod connections;
mod contract;
mod pipe;
mod settings;
mod shutdown;
mod slow_readers;
