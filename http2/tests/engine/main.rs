//! The engine, through what its users see of it.

mod appendix_c;
mod client;
mod flow;
mod going_away;
mod guards;
mod messages;
mod peer;
mod random;
mod states;
