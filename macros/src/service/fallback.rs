//! What is emitted when something was refused: the errors, and as much of the service as there is,
//! so that the compiler does not report a second time, elsewhere, what follows from them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    FnArg, Generics, ItemTrait, Lifetime, ReceiverKind, Signature, TraitItem, TraitItemFn, Type,
    parse_quote, visit::Visit,
};

use super::{
    check::is_implied,
    expand::{client::Client, contract::Contract, descriptor::Descriptor, server::Server},
    model::{Method, Service},
};
use crate::diagnostic::Errors;

/// The errors, the trait with every method that was written, and the server and the client of the
/// methods that can be calls.
pub(crate) fn service(service: &Service, errors: &Errors) -> TokenStream {
    let item = trait_with_all(service);
    let descriptor = Descriptor(service);
    let server = service.has_server.then_some(Server(service));
    let client = service.has_client.then(|| match client_can_implement(service) {
        true => Client(service).into_token_stream(),
        false => Client(service).without_contract(),
    });
    quote!(#errors #item #descriptor #server #client)
}

fn trait_with_all(service: &Service) -> ItemTrait {
    let mut item = service.item.clone();
    item.colon_token.get_or_insert_default();
    item.supertraits.push(parse_quote!(::core::marker::Send));
    item.supertraits.push(parse_quote!(::core::marker::Sync));
    item.supertraits.push(parse_quote!('static));
    item.items.retain(|it| !matches!(it, TraitItem::Verbatim(_)));
    for inner in &mut item.items {
        let TraitItem::Fn(method) = inner else { continue };
        *inner = match accepted(service, method) {
            Some(accepted) => TraitItem::Verbatim(Contract(service).method(accepted)),
            None => TraitItem::Fn(refused(method, &item.generics)),
        };
    }
    item
}

fn accepted<'a>(service: &'a Service, method: &TraitItemFn) -> Option<&'a Method> {
    let signature = |it: &Signature| it.to_token_stream().to_string();
    service.methods.iter().find(|it| {
        *it.ident() == method.sig.ident && signature(&it.signature) == signature(&method.sig)
    })
}

/// A refused method as it was written, with a body where one can be made up, so that nobody has to
/// implement it, and without what the compiler refuses by itself.
fn refused(method: &TraitItemFn, around: &Generics) -> TraitItemFn {
    let mut method = method.clone();
    method.attrs.retain(|it| !it.path().is_ident("rpc"));
    method.attrs.push(parse_quote!(#[allow(async_fn_in_trait, unused_variables)]));
    if let Some(FnArg::Receiver(receiver)) = method.sig.inputs.first()
        && matches!(receiver.kind, ReceiverKind::Value)
    {
        let clause = method.sig.generics.make_where_clause();
        clause.predicates.push(parse_quote!(Self: ::core::marker::Sized));
    }
    declare_lifetimes(&mut method.sig, around);
    method.sig.constness = None;
    method.sig.variadic = None;
    for argument in &mut method.sig.inputs {
        match argument {
            FnArg::Typed(argument) => argument.attrs.clear(),
            FnArg::Receiver(receiver) => receiver.attrs.clear(),
        }
    }
    if method.default.is_none() && !returns_impl(&method.sig) {
        method.default = Some(parse_quote!({ ::core::unreachable!() }));
        method.semi_token = None;
    }
    method
}

/// Declares the lifetimes that a signature says and nobody has declared: where one stands, a
/// reference was refused.
fn declare_lifetimes(signature: &mut Signature, around: &Generics) {
    struct Finder(Vec<Lifetime>);

    impl<'a> Visit<'a> for Finder {
        fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
            if lifetime.ident != "_" && lifetime.ident != "static" && !self.0.contains(lifetime) {
                self.0.push(lifetime.clone());
            }
        }
    }

    let mut said = Finder(Vec::new());
    signature.inputs.iter().for_each(|it| said.visit_fn_arg(it));
    for lifetime in said.0 {
        let mut declared = around.lifetimes().chain(signature.generics.lifetimes());
        if !declared.any(|it| it.lifetime == lifetime) {
            signature.generics.params.insert(0, parse_quote!(#lifetime));
        }
    }
}

/// Whether the generated client has all that an implementation of the trait must have.
fn client_can_implement(service: &Service) -> bool {
    let item = &service.item;
    item.generics.params.is_empty()
        && item.unsafety.is_none()
        && item.supertraits.iter().all(is_implied)
        && item.items.iter().all(|it| match it {
            TraitItem::Fn(method) => {
                accepted(service, method).is_some()
                    || method.default.is_some()
                    || !returns_impl(&method.sig)
            }
            TraitItem::Const(it) => it.default.is_some(),
            TraitItem::Type(it) => it.default.is_some(),
            TraitItem::Macro(_) => false,
            _ => true,
        })
}

/// Whether a signature returns `impl …`, of which no value can be made up.
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
