//! The macros of [traitwire](https://docs.rs/traitwire). Use them through that crate, which
//! documents them and has what their output calls.
//!
//! All go one way. Each module knows those below it and none above:
//!
//! ```text
//!                            message
//!                              tag, types → sent → member → long_form
//!                                                └─→ fallback, when something was refused
//! service                    describe
//!   check → model → expand     parse → check → model → expand
//!        └─→ fallback
//! error        an enum as a status and back: check → model → expand, or a fallback
//! package      the line that says a package once
//! names        what may stand on the wire
//! syntax       attributes, types, and a trait that is half typed
//! diagnostic   every refusal, and the collector that reports all at once
//! ```

mod describe;
mod diagnostic;
mod error;
mod message;
mod names;
mod package;
mod service;
mod syntax;

use proc_macro::TokenStream;

/// Makes of a trait a gRPC service: a server, a client that implements the same trait, and a
/// descriptor. Documented as `traitwire::service`.
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(arguments.into(), item.into()).into()
}

/// Makes of a struct a protobuf message, of an enum an enumeration or a oneof. Documented as
/// `traitwire::message`.
#[proc_macro_attribute]
pub fn message(arguments: TokenStream, item: TokenStream) -> TokenStream {
    message::expand(arguments.into(), item.into()).into()
}

/// Describes a message, an enumeration or a oneof. Documented as `traitwire::Describe`.
#[proc_macro_derive(Describe, attributes(describe))]
pub fn describe(item: TokenStream) -> TokenStream {
    describe::derive(item.into()).into()
}

/// Says the package of a module once. Documented as `traitwire::package`.
#[proc_macro]
pub fn package(line: TokenStream) -> TokenStream {
    package::expand(line.into()).into()
}

/// Turns an enum into a status and back. Documented as `traitwire::RpcError`.
#[proc_macro_derive(RpcError, attributes(rpc_error))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    error::derive(item.into()).into()
}

#[cfg(test)]
mod tests;
