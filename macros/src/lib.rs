//! The macros of [traitwire](https://docs.rs/traitwire). Use them through that crate, which
//! documents them and has what their output calls.
//!
//! The way of a trait through this crate:
//!
//! ```text
//! parse ─→ model ─→ check ─→ expand
//! tokens   service  refusals  contract · server · client · descriptor
//!                      └────→ fallback, when something was refused
//! ```

mod check;
mod describe;
mod diagnostic;
mod expand;
mod fallback;
mod model;
mod parse;

use check::Halves;
use proc_macro::TokenStream;

/// Makes of a trait a gRPC service: a server, a client that implements the same trait, and a
/// descriptor. Documented as `traitwire::service`.
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let halves = Halves { server: cfg!(feature = "server"), client: cfg!(feature = "client") };
    expand::service(arguments.into(), item.into(), halves).into()
}

/// Describes a message, an enumeration or a oneof. Documented as `traitwire::Describe`.
#[proc_macro_derive(Describe, attributes(describe))]
pub fn describe(item: TokenStream) -> TokenStream {
    describe::derive(item.into()).into()
}

#[cfg(test)]
mod tests;
