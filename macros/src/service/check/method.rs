//! The methods of a service.

use quote::{ToTokens, quote};
use syn::{
    FnArg, ItemTrait, Pat, ReceiverKind, Safety, Signature, TraitItem, TraitItemFn, ext::IdentExt,
};

use super::{Scope, borrowed, shape};
use crate::{
    diagnostic::{Errors, rules},
    names::{derived_name, identifier},
    service::model::{Body, Method},
    syntax::{RpcKeys, compact, docs},
};

/// Names that the generated client takes for itself, or that every type has.
const RESERVED: &[&str] =
    &["boxed", "clone", "connect", "in_process", "into", "new", "to_owned", "try_into", "with"];

/// Reads the methods that can be calls; the others are refused.
pub(super) fn all(item: &ItemTrait, scope: &Scope, errors: &mut Errors) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for item in &item.items {
        let TraitItem::Fn(item) = item else { continue };
        let Some(method) = one(item, scope, errors) else { continue };
        match methods.iter().find(|other| share_a_route(other, &method)) {
            Some(other) => errors.refuse_because_of(
                other.ident(),
                method.ident(),
                &rules::SAME_ROUTE,
                &[&method.ident(), &other.ident(), &format!("/{}/{}", scope.service, method.name)],
            ),
            None => {
                let index = methods.len();
                methods.push(Method { index, ..method });
            }
        }
    }
    methods
}

/// Two methods may have one route when `#[cfg]` decides which of them is there.
fn share_a_route(one: &Method, other: &Method) -> bool {
    let may_be_apart = one.cfgs().next().is_some() && other.cfgs().next().is_some();
    one.name == other.name && !may_be_apart
}

fn one(item: &TraitItemFn, scope: &Scope, errors: &mut Errors) -> Option<Method> {
    let before = errors.len();
    let mut attributes = item.attrs.clone();
    let keys = RpcKeys::take(&mut attributes, errors);
    let signature = &item.sig;
    let ident = &signature.ident;

    qualifiers(signature, errors);
    receiver(signature, errors);
    if RESERVED.iter().any(|reserved| ident == reserved) {
        errors.refuse(ident, &rules::RESERVED_NAME, &[ident, &scope.casing.apply(ident)]);
    }
    let input = shape::input(signature, argument(signature, scope, errors), errors);
    let output = shape::output(signature, errors);
    let body = match (&item.default, keys.unimplemented) {
        (Some(_), Some(key)) => {
            errors.refuse(key, &rules::TWO_BODIES, &[ident]);
            Body::Unimplemented
        }
        (Some(block), None) => Body::Default(Box::new(block.clone())),
        (None, None) if !scope.unimplemented => Body::Required,
        (None, _) => Body::Unimplemented,
    };
    let name = match &keys.name {
        Some(written) => identifier(written, errors),
        None => derived_name(ident, scope.casing.apply(ident), errors),
    };
    if errors.len() > before {
        return None;
    }
    Some(Method {
        docs: docs(&attributes),
        attributes,
        signature: signature.clone(),
        name,
        index: 0,
        idempotency: keys.idempotency,
        contract_attributes: keys.attributes,
        input: input?,
        output: output?,
        body,
    })
}

/// `async fn` and `fn`, and nothing else before the name or behind it.
fn qualifiers(signature: &Signature, errors: &mut Errors) {
    let ident = &signature.ident;
    if let Some(token) = &signature.constness {
        errors.refuse(token, &rules::QUALIFIER, &[ident, &"const"]);
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.refuse(token, &rules::QUALIFIER, &[ident, &"unsafe"]);
    }
    if let Some(abi) = &signature.abi {
        errors.refuse(abi, &rules::QUALIFIER, &[ident, &"extern"]);
    }
    if let Some(variadic) = &signature.variadic {
        errors.refuse(variadic, &rules::VARIADIC, &[ident]);
    }
    if !signature.generics.params.is_empty() && !borrowed::names_its_lifetime(signature) {
        errors.refuse(&signature.generics, &rules::GENERIC_METHOD, &[ident]);
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.refuse(clause, &rules::GENERIC_METHOD, &[ident]);
    }
}

fn receiver(signature: &Signature, errors: &mut Errors) {
    let ident = &signature.ident;
    match signature.receiver() {
        None => errors.refuse(ident, &rules::NO_RECEIVER, &[ident]),
        Some(receiver) => {
            let is_shared = matches!(&receiver.kind, ReceiverKind::Reference(_, None, None));
            if !is_shared || receiver.mutability.is_some() {
                errors.refuse(
                    receiver,
                    &rules::RECEIVER,
                    &[ident, &compact(&receiver.to_token_stream())],
                );
            }
        }
    }
}

/// The one argument besides `&self`.
fn argument<'a>(
    signature: &'a Signature,
    scope: &Scope,
    errors: &mut Errors,
) -> Option<&'a syn::PatType> {
    let ident = &signature.ident;
    let arguments: Vec<_> = signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
        .collect();
    if arguments.len() > 1 {
        let name = scope.casing.apply(&ident.unraw());
        errors.refuse(
            quote!(#(#arguments),*),
            &rules::ARGUMENTS,
            &[ident, &arguments.len(), &name],
        );
    }
    let argument = *arguments.first()?;
    let is_name = match &*argument.pat {
        Pat::Ident(name) => {
            name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none()
        }
        Pat::Wild(_) => true,
        _ => false,
    };
    if !is_name {
        errors.refuse(&argument.pat, &rules::PATTERN, &[ident]);
    }
    if let Some(attribute) = argument.attrs.first() {
        errors.refuse(attribute, &rules::ATTRIBUTE_ON_ARGUMENT, &[ident]);
    }
    Some(argument)
}
