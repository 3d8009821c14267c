//! What is emitted when something was refused: the errors, and as much of the service as there is,
//! so that the compiler does not report a second time, elsewhere, what follows from them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ItemTrait, Signature, TraitItem, TraitItemFn, Type, parse_quote, visit::Visit};

use crate::{
    diagnostic::Errors,
    expand::{client::Client, contract::Contract, descriptor::Descriptor, server::Server},
    model::Service,
};

/// The errors, the trait with every method that was written, and the server and the client of the
/// methods that can be calls.
pub(crate) fn service(service: &Service, errors: &Errors) -> TokenStream {
    let item = trait_with_all(service);
    if !item.generics.params.is_empty() {
        return quote!(#errors #item);
    }
    let descriptor = Descriptor(service);
    let server = service.has_server.then_some(Server(service));
    let client = service.has_client.then(|| match client_can_implement(&item) {
        true => Client(service).into_token_stream(),
        false => Client(service).without_contract(),
    });
    quote!(#errors #item #descriptor #server #client)
}

fn trait_with_all(service: &Service) -> ItemTrait {
    let mut item = service.item.clone();
    item.supertraits.push(parse_quote!(::core::marker::Send));
    item.supertraits.push(parse_quote!(::core::marker::Sync));
    item.supertraits.push(parse_quote!('static));
    item.colon_token.get_or_insert_default();
    item.unsafety = None;
    for inner in &mut item.items {
        let TraitItem::Fn(method) = inner else { continue };
        let accepted = service.methods.iter().find(|it| it.signature == method.sig);
        *method = match accepted {
            Some(accepted) => parse_quote_method(Contract(service).method(accepted)),
            None => refused(method),
        };
    }
    item
}

fn parse_quote_method(tokens: TokenStream) -> TraitItemFn {
    parse_quote!(#tokens)
}

/// A refused method as it was written, with a body where one can be made up, so that nobody has to
/// implement it.
fn refused(method: &TraitItemFn) -> TraitItemFn {
    let mut method = method.clone();
    method.attrs.retain(|it| !it.path().is_ident("rpc"));
    if method.default.is_none() && !returns_impl(&method.sig) {
        method.default = Some(parse_quote!({ ::core::unreachable!() }));
        method.semi_token = None;
    }
    method
}

/// Whether the generated client has all that an implementation of the trait must have.
fn client_can_implement(item: &ItemTrait) -> bool {
    item.items.iter().all(|it| match it {
        TraitItem::Fn(method) => method.default.is_some() || !returns_impl(&method.sig),
        TraitItem::Const(it) => it.default.is_some(),
        TraitItem::Type(it) => it.default.is_some(),
        _ => true,
    })
}

fn returns_impl(signature: &Signature) -> bool {
    struct Finder(bool);

    impl<'a> Visit<'a> for Finder {
        fn visit_type(&mut self, ty: &'a Type) {
            self.0 |= matches!(ty, Type::ImplTrait(_));
            syn::visit::visit_type(self, ty);
        }
    }

    let mut finder = Finder(false);
    finder.visit_return_type(&signature.output);
    finder.0
}
