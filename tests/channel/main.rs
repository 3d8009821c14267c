//! `traitwire::Channel`: what it sends and when, what it says when it cannot, and how it comes back.
//!
//! Most of the servers here are frames that a test sends by hand. Where time counts, the clock stands
//! still while there is anything to do and jumps when all wait, so that minutes are exact, and pass at
//! once.

mod again;
mod backing_off;
mod connectors;
mod contract;
mod cuts;
mod dropped;
mod failures;
mod going_away;
mod heads;
mod keepalive;
mod last_clone;
mod many;
mod mutated;
mod peer;
mod places;
mod restarts;
mod runtimes;
mod stock_clients;
mod waiting;
