//! `traitwire::Server`: each of its limits, seen from outside over a socket, and its end.
//!
//! Most of these run on a clock that stands still while there is anything to do and jumps when all
//! wait, so that ten seconds are exact, and pass at once.

mod accepting;
mod caller;
mod connections;
mod contract;
mod deadlines;
mod ends;
mod events;
mod health;
mod limits;
#[cfg(unix)]
mod listeners;
mod monitor;
mod mutated;
mod pipe;
mod placement;
mod services;
mod settings;
mod shapes;
mod shutdown;
#[cfg(unix)]
mod signals;
mod slow_readers;
#[cfg(target_os = "linux")]
mod terminated;
