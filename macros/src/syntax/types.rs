//! Types as they are written.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// The type arguments of `ty` where its last name is `name` and it has some: `Request<T>` is an
/// envelope, while `Request` alone is somebody's message.
pub(crate) fn inside<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|it| it.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let types: Vec<_> = arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect();
    (!types.is_empty()).then_some(types)
}

/// A type without the invisible groups and the parentheses around it.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        };
    }
}

/// Tokens as people write them.
pub(crate) fn compact(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    [(" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ","), (" :: ", "::"), (" (", "("), (" :", ":")]
        .iter()
        .fold(text, |text, (spaced, tight)| text.replace(spaced, tight))
}
