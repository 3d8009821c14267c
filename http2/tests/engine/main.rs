//! The engine, through what its users see of it.

mod against_h2;
mod appendix_c;
mod client;
mod floods;
mod flow;
mod going_away;
mod guards;
mod messages;
mod peer;
mod random;
mod script;
mod states;
