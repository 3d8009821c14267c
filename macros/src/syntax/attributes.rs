//! What attributes say that are not ours.

use syn::{Attribute, Meta, Token, parse::Parser, punctuated::Punctuated};

/// Whether an attribute decides if its item is there.
pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || conditional(attribute, "cfg")
}

/// Whether this is `#[cfg_attr(…, name)]`, with or without something behind the name.
pub(crate) fn conditional(attribute: &Attribute, name: &str) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    list.path.is_ident("cfg_attr")
        && parse
            .parse2(list.tokens.clone())
            .is_ok_and(|metas| metas.iter().skip(1).any(|meta| meta.path().is_ident(name)))
}

pub(crate) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("deprecated"))
}

/// The text of the doc comments in `attributes`, one line each.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc")).filter_map(|it| {
        let value = &it.meta.require_name_value().ok()?.value;
        match value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        }
    });
    lines
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
