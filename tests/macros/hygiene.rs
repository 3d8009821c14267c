//! Nothing of the user's can stand in the way of what the macros make: one module for each thing
//! that could. All of them deny every lint that a careful crate denies.

#![deny(missing_docs, unused, deprecated, clippy::all, clippy::pedantic)]

mod cfg;
mod constants;
mod contexts;
mod crates;
mod deprecated;
mod errors;
mod generic;
mod lints;
mod messages;
mod packages;
mod prelude;
mod raw;
mod services;
mod short;
mod visibility;
