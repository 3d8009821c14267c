//! The values of an enumeration.

use std::collections::HashMap;

use heck::ToShoutySnakeCase;
use syn::{DataEnum, Expr, ExprLit, ExprUnary, Ident, Lit, UnOp, Variant, ext::IdentExt};

use super::model::{EnumValue, Reserved};
use crate::{
    diagnostic::{Errors, rules},
    names::{self, derived_name},
    syntax::{MemberKeys, docs, is_deprecated},
};

pub(crate) fn values(
    ident: &Ident,
    name: &str,
    data: &DataEnum,
    reserved: &Reserved,
    errors: &mut Errors,
) -> Vec<EnumValue> {
    let mut values: Vec<EnumValue> = Vec::new();
    let mut alike = HashMap::new();
    let written: Vec<_> = data.variants.iter().filter_map(number_of).collect();
    let is_free = |it: &i32| !written.contains(it) && !reserved.has_number((*it).into());
    // The number that a variant would have by being where it is.
    let mut next = 0;
    for variant in &data.variants {
        let number = number_of(variant).unwrap_or_else(|| {
            let free = (next..).find(is_free).unwrap_or(next);
            errors.refuse(variant, &rules::NO_NUMBER, &[&variant.ident, &free]);
            free
        });
        next = number.saturating_add(1);
        let value = value(ident, variant, number, errors);
        if reserved.has_number(value.number.into()) {
            errors.refuse(variant, &rules::VALUE_RESERVED, &[&value.number]);
        }
        if reserved.has_name(&value.name) {
            errors.refuse(&variant.ident, &rules::NAME_RESERVED, &[&value.name]);
        } else if values.iter().any(|other| other.name == value.name) {
            errors.refuse(&variant.ident, &rules::NAME_TWICE, &[&value.name]);
        } else if let Some(other) =
            alike.insert(names::inside(name, &value.name), value.name.clone())
        {
            errors.refuse(&variant.ident, &rules::VALUE_ALIKE, &[&other, &value.name]);
        }
        if matches!(value.name.as_str(), "option" | "reserved") {
            errors.refuse(&variant.ident, &rules::VALUE_WORD, &[&value.name]);
        }
        if values.is_empty() && value.number != 0 {
            errors.refuse(variant, &rules::FIRST_VALUE, &[ident, &value.number]);
        }
        values.push(value);
    }
    if data.variants.is_empty() {
        errors.refuse(ident, &rules::NO_VALUES, &[ident]);
    }
    values
}

fn value(ident: &Ident, variant: &Variant, number: i32, errors: &mut Errors) -> EnumValue {
    let keys = MemberKeys::parse(&variant.attrs, errors);
    if let Some(written) = &keys.json_name {
        errors.refuse(written, &rules::NOT_ON_A_VALUE, &[&"json_name"]);
    }
    for (name, written) in [("jstype", &keys.jstype), ("ctype", &keys.ctype)] {
        if let Some((meta, _)) = written {
            errors.refuse(meta, &rules::NOT_ON_A_VALUE, &[&name]);
        }
    }
    let variant_name = variant.ident.unraw().to_string().to_shouty_snake_case();
    let enum_name = ident.unraw().to_string().to_shouty_snake_case();
    let name = match &keys.name {
        Some(written) => written.value(),
        None => derived_name(&variant.ident, format!("{enum_name}_{variant_name}"), errors),
    };
    EnumValue {
        name,
        number,
        docs: docs(&variant.attrs),
        deprecated: is_deprecated(&variant.attrs),
    }
}

fn number_of(variant: &Variant) -> Option<i32> {
    variant.discriminant.as_ref().and_then(|it| number(&it.1))
}

/// A number as it is written: `3`, `-1`.
pub(crate) fn number(written: &Expr) -> Option<i32> {
    match written {
        // What another macro has put here.
        Expr::Group(group) => number(&group.expr),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
                i32::try_from(-number.base10_parse::<i64>().ok()?).ok()
            }
            _ => None,
        },
        _ => None,
    }
}
