//! Borrowed messages: what a call can lend, and what to write where it cannot.

use syn::{
    FnArg, GenericParam, Generics, Ident, Lifetime, Signature, Type, TypeReference,
    parse_quote_spanned, spanned::Spanned, visit::Visit,
};

use super::shape::is_owned;
use crate::{
    diagnostic::{Errors, rules},
    service::model::Passing,
    syntax::{compact, inside, peel},
};

/// The message behind a reference that is the argument, and how it is passed.
pub(super) fn argument(
    ident: &Ident,
    reference: &TypeReference,
    errors: &mut Errors,
) -> Option<(Type, Passing)> {
    let behind = peel(&reference.elem);
    let mut refuse = |rule, instead: &str| {
        errors.refuse(reference, rule, &[ident, &compact(reference), &instead, &owned(behind)]);
        None
    };
    if reference.mutability.is_some() {
        return refuse(&rules::MUTABLE_REFERENCE, &owned(behind));
    }
    if ["Request", "Streaming"].iter().any(|envelope| inside(behind, envelope).is_some()) {
        return refuse(&rules::REFERENCE_AND_ENVELOPE, &compact(behind));
    }
    match compact(behind).as_str() {
        "String" => refuse(&rules::REFERENCE_TO_OWNED, "&str"),
        "Vec<u8>" => refuse(&rules::REFERENCE_TO_OWNED, "&[u8]"),
        value @ ("bool" | "f32" | "f64" | "i32" | "i64" | "u32" | "u64" | "()") => {
            refuse(&rules::REFERENCE_TO_VALUE, value)
        }
        lent if has_a_name(reference) => refuse(&rules::NAMED_LIFETIME, &format!("&{lent}")),
        "str" => {
            let message = parse_quote_spanned!(reference.span()=> ::std::string::String);
            Some((message, Passing::Text))
        }
        "[u8]" => {
            let message = parse_quote_spanned!(reference.span()=> ::std::vec::Vec<u8>);
            Some((message, Passing::Bytes))
        }
        _ if is_owned(behind) => Some((behind.clone(), Passing::Reference)),
        _ => refuse(&rules::MESSAGE_TYPE, ""),
    }
}

/// Refuses a reference inside of an envelope or a stream, the type `written`.
pub(super) fn refuse_inside(
    ident: &Ident,
    written: &Type,
    reference: &TypeReference,
    errors: &mut Errors,
) {
    let (written, lent) = (compact(written), compact(reference));
    let instead = written.replace(&lent, &owned(peel(&reference.elem)));
    errors.refuse(reference, &rules::REFERENCE_AND_ENVELOPE, &[ident, &written, &instead]);
}

/// Refuses a reference as an answer.
pub(super) fn refuse_returned(ident: &Ident, reference: &TypeReference, errors: &mut Errors) {
    let found = compact(reference);
    let instead = owned(peel(&reference.elem));
    errors.refuse(reference, &rules::REFERENCE_RETURNED, &[ident, &found, &instead]);
}

/// Whether a method is generic for the sake of its argument's lifetime alone, which is refused there.
pub(super) fn names_its_lifetime(signature: &Signature) -> bool {
    struct Finder<'a>(&'a Generics, bool);

    impl<'a> Visit<'a> for Finder<'_> {
        fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
            self.1 |= self.0.lifetimes().any(|it| it.lifetime == *lifetime);
        }
    }

    let generics = &signature.generics;
    let mut finder = Finder(generics, false);
    for argument in &signature.inputs {
        if let FnArg::Typed(argument) = argument {
            finder.visit_type(&argument.ty);
        }
    }
    finder.1 && generics.params.iter().all(|it| matches!(it, GenericParam::Lifetime(_)))
}

fn has_a_name(reference: &TypeReference) -> bool {
    reference.lifetime.as_ref().is_some_and(|it| it.ident != "_")
}

/// The owned form of a type behind a reference.
fn owned(behind: &Type) -> String {
    match compact(behind).as_str() {
        "str" => "String".to_owned(),
        "[u8]" => "Vec<u8>".to_owned(),
        other => other.to_owned(),
    }
}
