//! From the model to Rust.
//!
//! Each file makes one item, with a method for each of its parts. Generated code calls the
//! runtime's `rt` module and names nothing else; every path in it is absolute, and every local name
//! begins with `__`, so that nothing of the user's can stand in its place.

pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod descriptor;
pub(crate) mod server;

use std::{collections::HashSet, mem};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use super::model::{Body, Method, Service};

/// The items in the order in which they are printed.
pub(super) struct Expansion<'a>(pub(super) &'a Service);

impl ToTokens for Expansion<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self(service) = self;
        contract::Contract(service).to_tokens(tokens);
        type_checks(service).to_tokens(tokens);
        descriptor::Descriptor(service).to_tokens(tokens);
        if service.has_server {
            server::Server(service).to_tokens(tokens);
        }
        if service.has_client {
            client::Client(service).to_tokens(tokens);
        }
    }
}

/// Has the compiler say at the user's own types what they lack: a message that is none, an error
/// that is no status.
fn type_checks(service: &Service) -> TokenStream {
    let rt = service.rt();
    let mut checks = Checks::of(service);
    for method in &service.methods {
        checks.add(method, "assert_message", [&method.input.message, &method.output.message]);
        if matches!(method.body, Body::Unimplemented) {
            checks.add(method, FROM_STATUS, &method.output.errors);
        }
    }
    let always = checks.take();
    for method in service.methods.iter().filter(|_| service.has_server) {
        checks.add(method, INTO_STATUS, &method.output.errors);
        // What the caller sends goes the other way.
        checks.add(method, FROM_STATUS, &method.input.error);
    }
    let server = checks.take();
    for method in service.methods.iter().filter(|_| service.has_client) {
        checks.add(method, FROM_STATUS, &method.output.errors);
        checks.add(method, INTO_STATUS, &method.input.error);
    }
    let client = checks.take();
    let server = (!server.is_empty()).then(|| quote!(#rt::server_half! { #server }));
    let client = (!client.is_empty()).then(|| quote!(#rt::client_half! { #client }));
    quote!(#always #server #client)
}

const INTO_STATUS: &str = "assert_into_status";
const FROM_STATUS: &str = "assert_from_status";

/// Calls of the runtime's functions that compile for a type only when it has what it needs, each made
/// once.
struct Checks {
    rt: TokenStream,
    made: HashSet<String>,
    checks: TokenStream,
}

impl Checks {
    fn of(service: &Service) -> Self {
        Self { rt: service.rt(), made: HashSet::new(), checks: TokenStream::new() }
    }

    fn add<'a>(
        &mut self,
        method: &Method,
        assertion: &str,
        types: impl IntoIterator<Item = &'a Type>,
    ) {
        let rt = &self.rt;
        for ty in types {
            let cfgs = method.cfgs();
            let assertion = Ident::new(assertion, Span::call_site().located_at(ty.span()));
            let call = quote_spanned!(ty.span()=> #rt::#assertion::<#ty>(););
            let check = quote!(#(#cfgs)* #call);
            if self.made.insert(check.to_string()) {
                self.checks.extend(check);
            }
        }
    }

    /// Those that were added since the last time.
    fn take(&mut self) -> TokenStream {
        let checks = mem::take(&mut self.checks);
        if checks.is_empty() { checks } else { quote!(const _: () = { #checks };) }
    }
}
