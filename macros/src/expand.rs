//! From the model to Rust.
//!
//! Each file makes one item, with a method for each of its parts. Generated code calls the
//! runtime's `rt` module and names nothing else; every path in it is absolute, and every local name
//! begins with `__`, so that nothing of the user's can stand in its place.

pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod descriptor;
pub(crate) mod server;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Ident, ItemTrait, Type, spanned::Spanned};

use crate::{
    check::{self, Halves},
    diagnostic::Errors,
    fallback,
    model::{Body, Method, Service, is_cfg},
    parse::ServiceKeys,
};

/// `#[service]`: everything that is made of a trait, or what was wrong with it.
pub(crate) fn service(arguments: TokenStream, item: TokenStream, halves: Halves) -> TokenStream {
    let mut errors = Errors::default();
    if let Some(deferred) = after_cfg(&arguments, &item) {
        return deferred;
    }
    match check::service(arguments, item.clone(), halves, &mut errors) {
        Some(service) if errors.is_empty() => Expansion(&service).into_token_stream(),
        Some(service) => fallback::service(&service, &errors),
        None => quote!(#errors #item),
    }
}

/// A trait under `#[cfg(…)]` again, with the condition in front: when it holds, the compiler takes
/// it away and calls the macro a second time, and otherwise nothing is made at all.
fn after_cfg(arguments: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let mut item: ItemTrait = syn::parse2(item.clone()).ok()?;
    let is_condition = |it: &mut Attribute| is_cfg(it) || it.path().is_ident("cfg_attr");
    let conditions: Vec<_> = item.attrs.extract_if(.., is_condition).collect();
    if conditions.is_empty() {
        return None;
    }
    let krate = ServiceKeys::parse(arguments.clone(), &mut Errors::default()).krate();
    Some(quote!(#(#conditions)* #[#krate::service(#arguments)] #item))
}

/// The items in the order in which they are printed.
struct Expansion<'a>(&'a Service);

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
    let mut done = Vec::new();
    let mut checks = TokenStream::new();
    for method in &service.methods {
        for (assertion, ty) in assertions(service, method) {
            let check = (method.cfgs().collect::<Vec<_>>(), assertion, ty);
            if !done.contains(&check) {
                let cfgs = &check.0;
                let assertion = Ident::new(assertion, Span::call_site().located_at(ty.span()));
                checks.extend(quote!(#(#cfgs)*));
                checks.extend(quote_spanned!(ty.span()=> #rt::#assertion::<#ty>();));
                done.push(check);
            }
        }
    }
    quote!(const _: () = { #checks };)
}

/// The functions of the runtime that compile for a type only when it has what it needs.
fn assertions<'a>(
    service: &'a Service,
    method: &'a Method,
) -> impl Iterator<Item = (&'static str, &'a Type)> {
    const INTO: &str = "assert_into_status";
    const FROM: &str = "assert_from_status";
    let makes_errors = service.has_client || matches!(method.body, Body::Unimplemented);
    let messages = [&method.input.message, &method.output.message];
    let returned = method.output.errors.iter().flat_map(move |error| {
        [service.has_server.then_some((INTO, error)), makes_errors.then_some((FROM, error))]
    });
    // What the caller sends goes the other way.
    let taken = method.input.error.iter().flat_map(|error| {
        [service.has_server.then_some((FROM, error)), service.has_client.then_some((INTO, error))]
    });
    let errors = returned.chain(taken).flatten();
    messages.into_iter().map(|message| ("assert_message", message)).chain(errors)
}
