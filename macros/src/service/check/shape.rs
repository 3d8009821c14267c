//! The shape of a call, read from the types of its signature.
//!
//! | argument | envelope | message |
//! |---|---|---|
//! | none, `T` | `Request<…>` | `T`, or one in `Streaming<T>` |
//! | `&T`, `&str`, `&[u8]` | none | `T`, `String`, `Vec<u8>` |
//!
//! | return | form | stream |
//! |---|---|---|
//! | `async fn … -> Result<U, E>` | plain | `U` is `impl Stream<Item = Result<_, _>>` |
//! | `async fn … -> Result<Response<U>, E>` | envelope | the same |
//! | `fn … -> impl Stream<Item = Result<U, E>>` | direct | yes |

use syn::{
    GenericArgument, Lifetime, PatType, PathArguments, ReturnType, Signature, Type, TypeImplTrait,
    TypeParamBound, TypeReference, parse_quote, visit::Visit,
};

use super::borrowed;
use crate::{
    diagnostic::{Errors, rules},
    service::model::{Form, Input, Output, Passing},
    syntax::{compact, inside, peel},
};

/// What a method takes. Refusals are in `errors`.
pub(super) fn input(
    signature: &Signature,
    argument: Option<&PatType>,
    errors: &mut Errors,
) -> Option<Input> {
    let ident = &signature.ident;
    let Some(argument) = argument else {
        let message = parse_quote!(());
        return Some(Input {
            written: None,
            envelope: false,
            is_stream: false,
            message,
            passing: Passing::Value,
            error: None,
        });
    };
    let written = peel(&argument.ty);
    let in_request = inside(written, "Request");
    let payload = in_request.map_or(written, |types| peel(types[0]));
    let in_streaming = inside(payload, "Streaming");
    let message = in_streaming.as_ref().map_or(payload, |types| peel(types[0]));

    if in_streaming.is_some() && begins_with(payload, "tonic") {
        errors.refuse(payload, &rules::FOREIGN_STREAMING, &[ident]);
        return None;
    }
    if let Some(stream) = impl_stream(message) {
        errors.refuse(stream, &rules::STREAM_TAKEN, &[ident, &compact(message)]);
        return None;
    }
    let (message, passing) = match message {
        Type::Reference(reference) if std::ptr::eq(message, written) => {
            borrowed::argument(ident, reference, errors)?
        }
        Type::Reference(reference) => {
            borrowed::refuse_inside(ident, written, reference, errors);
            return None;
        }
        message => (message_type(signature, message, errors)?, Passing::Value),
    };
    Some(Input {
        written: Some(written.clone()),
        envelope: !std::ptr::eq(written, payload),
        is_stream: in_streaming.is_some(),
        message,
        passing,
        error: in_streaming.and_then(|types| types.get(1).copied().cloned()),
    })
}

/// What a method returns. Refusals are in `errors`.
pub(super) fn output(signature: &Signature, errors: &mut Errors) -> Option<Output> {
    let ident = &signature.ident;
    let ReturnType::Type(_, returned) = &signature.output else {
        errors.refuse(ident, &rules::NOTHING_RETURNED, &[ident]);
        return None;
    };
    let returned = peel(returned);
    if let Type::ImplTrait(stream) = returned {
        if let Some(token) = &signature.asyncness {
            errors.refuse(token, &rules::ASYNC_STREAM, &[ident]);
        }
        let stream = stream_item(signature, stream, errors)?;
        return Some(Output {
            written: returned.clone(),
            form: Form::Direct,
            message: stream.message,
            item: Some(stream.item),
            errors: stream.error.into_iter().collect(),
        });
    }
    if inside(returned, "Streaming").is_some() {
        errors.refuse(returned, &rules::STREAMING_RETURNED, &[ident]);
        return None;
    }
    if is_boxed_stream(returned) {
        errors.refuse(returned, &rules::BOXED_STREAM, &[ident, &compact(returned)]);
        return None;
    }
    let Some(result) = inside(returned, "Result") else {
        errors.refuse(returned, &rules::NO_RESULT, &[ident, &compact(returned)]);
        return None;
    };
    if signature.asyncness.is_none() {
        errors.refuse(signature.fn_token, &rules::NOT_ASYNC, &[ident]);
    }
    let answer = peel(result[0]);
    let (form, payload) = match inside(answer, "Response") {
        Some(types) => (Form::Envelope, peel(types[0])),
        None => (Form::Plain, answer),
    };
    if inside(payload, "Streaming").is_some() {
        errors.refuse(payload, &rules::STREAMING_RETURNED, &[ident]);
        return None;
    }
    if is_boxed_stream(payload) {
        errors.refuse(payload, &rules::BOXED_STREAM, &[ident, &compact(payload)]);
        return None;
    }
    let error = result.get(1).copied().cloned();
    let written = returned.clone();
    match payload {
        Type::ImplTrait(stream) => {
            let Item { item, message, error: of_item } = stream_item(signature, stream, errors)?;
            let errors = error.into_iter().chain(of_item).collect();
            Some(Output { written, form, message, item: Some(item), errors })
        }
        message => {
            let message = message_type(signature, message, errors)?;
            let errors = error.into_iter().collect();
            Some(Output { written, form, message, item: None, errors })
        }
    }
}

/// The item of `impl Stream<Item = Result<U, E>>`.
struct Item {
    item: Type,
    message: Type,
    /// `None` where an alias of `Result` hides it.
    error: Option<Type>,
}

fn stream_item(signature: &Signature, stream: &TypeImplTrait, errors: &mut Errors) -> Option<Item> {
    let ident = &signature.ident;
    let item = stream.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let segment = bound.path.segments.last().filter(|it| it.ident == "Stream")?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(item) if item.ident == "Item" => Some(peel(&item.ty)),
            _ => None,
        })
    });
    let Some(item) = item else {
        errors.refuse(stream, &rules::NOT_A_STREAM, &[ident, &compact(stream)]);
        return None;
    };
    let Some(result) = inside(item, "Result") else {
        errors.refuse(item, &rules::STREAM_ITEM, &[ident, &compact(item)]);
        return None;
    };
    let message = message_type(signature, peel(result[0]), errors)?;
    Some(Item { item: item.clone(), message, error: result.get(1).copied().cloned() })
}

/// A message is an owned, named type; whether it is a message, the compiler says.
fn message_type(signature: &Signature, ty: &Type, errors: &mut Errors) -> Option<Type> {
    let ident = &signature.ident;
    if let Type::Reference(reference) = ty {
        borrowed::refuse_returned(ident, reference, errors);
        return None;
    }
    for envelope in ["Request", "Response", "Streaming"] {
        if inside(ty, envelope).is_some() {
            errors.refuse(ty, &rules::ENVELOPE_PLACE, &[ident, &compact(ty)]);
            return None;
        }
    }
    if !is_owned(ty) {
        errors.refuse(ty, &rules::MESSAGE_TYPE, &[ident, &compact(ty)]);
        return None;
    }
    Some(ty.clone())
}

/// Whether a type may be a message: it has a name, and borrows nothing.
pub(super) fn is_owned(ty: &Type) -> bool {
    struct Finder(bool);

    impl<'a> Visit<'a> for Finder {
        fn visit_type_reference(&mut self, _: &'a TypeReference) {
            self.0 = true;
        }

        fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
            self.0 |= lifetime.ident != "static";
        }
    }

    let mut borrowed = Finder(false);
    borrowed.visit_type(ty);
    match ty {
        Type::Path(_) | Type::Macro(_) => !borrowed.0,
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        _ => false,
    }
}

fn begins_with(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.first().is_some_and(|it| it.ident == name))
}

fn impl_stream(ty: &Type) -> Option<&TypeImplTrait> {
    match ty {
        Type::ImplTrait(stream) if stream.bounds.iter().any(is_stream) => Some(stream),
        _ => None,
    }
}

fn is_stream(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound)
        if bound.path.segments.last().is_some_and(|it| it.ident == "Stream"))
}

/// `Pin<Box<dyn Stream<…>>>`, and the aliases that futures and tonic's tutorials have for it.
fn is_boxed_stream(ty: &Type) -> bool {
    if let Type::TraitObject(object) = ty {
        return object.bounds.iter().any(is_stream);
    }
    let in_a_box = ["Pin", "Box"].iter().find_map(|name| inside(ty, name));
    in_a_box.is_some_and(|types| is_boxed_stream(peel(types[0])))
        || ["BoxStream", "LocalBoxStream"].iter().any(|name| inside(ty, name).is_some())
}
