//! `reserved(2, 9..=11, 1000.., "old_name")`.

use syn::{Expr, ExprLit, ExprRange, Lit, Meta, RangeLimits, Token, punctuated::Punctuated};

use super::{enumeration::number, field::is_number, model::Reserved};
use crate::{
    diagnostic::{Errors, rules},
    names,
    syntax::{DescribeKeys, compact},
};

/// The last number that a field may have: 2^29 − 1.
pub(crate) const LAST_FIELD: i32 = 536_870_911;

/// What `#[describe(reserved(…))]` lists.
pub(crate) fn read(key: Option<&Meta>, of_an_enum: bool, errors: &mut Errors) -> Reserved {
    let mut reserved = Reserved::default();
    let Some(key) = key else { return reserved };
    let items = match key {
        Meta::List(list) => list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated),
        _ => Err(syn::Error::new_spanned(key, "")),
    };
    let Ok(items) = items else {
        errors.refuse(key, &rules::RESERVED, &[&compact(key)]);
        return reserved;
    };
    let limits = if of_an_enum { (i32::MIN, i32::MAX) } else { (1, LAST_FIELD) };
    for item in &items {
        if let Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) = item {
            let name = names::identifier(name, errors);
            if name.starts_with('_') {
                errors.refuse(item, &rules::RESERVED, &[&shown(item)]);
            }
            match reserved.has_name(&name) {
                true => errors.refuse(item, &rules::RESERVED_TWICE, &[&shown(item)]),
                false => reserved.names.push(name),
            }
            continue;
        }
        match range(item, limits.1)
            .filter(|it| it.0 >= limits.0 && it.1 <= limits.1 && it.0 <= it.1)
        {
            None => errors.refuse(item, &rules::RESERVED, &[&shown(item)]),
            Some(new) => match reserved.numbers.iter().any(|it| it.0 <= new.1 && new.0 <= it.1) {
                true => errors.refuse(item, &rules::RESERVED_TWICE, &[&shown(item)]),
                false => reserved.numbers.push(new),
            },
        }
    }
    reserved
}

/// An item as people write it.
fn shown(item: &Expr) -> String {
    compact(item).replace(" ..", "..").replace("..= ", "..=").replace(".. ", "..")
}

/// The first and the last number of an item.
fn range(item: &Expr, last: i32) -> Option<(i32, i32)> {
    let Expr::Range(ExprRange { start, limits, end, .. }) = item else {
        let only = number(item)?;
        return Some((only, only));
    };
    let start = number(start.as_deref()?)?;
    Some(match (end.as_deref(), limits) {
        (None, _) => (start, last),
        (Some(end), RangeLimits::Closed(_)) => (start, number(end)?),
        (Some(end), RangeLimits::HalfOpen(_)) => (start, number(end)?.checked_sub(1)?),
    })
}

/// The numbers of a message, for those that look for another one.
pub(crate) struct Numbers {
    taken: Vec<i64>,
    reserved: Reserved,
}

impl Numbers {
    pub(crate) fn new(taken: Vec<i64>, keys: &DescribeKeys) -> Self {
        let reserved = read(keys.reserved.as_ref(), false, &mut Errors::default());
        Self { taken, reserved }
    }

    /// Takes the first that is free.
    pub(crate) fn next(&mut self) -> i64 {
        let next = first_free(&self.taken, &self.reserved);
        self.taken.push(next);
        next
    }
}

/// The first number that a field can have yet.
pub(crate) fn first_free(taken: &[i64], reserved: &Reserved) -> i64 {
    let is_free = |it: &i64| is_number(*it) && !reserved.has_number(*it) && !taken.contains(it);
    (1..).find(is_free).unwrap_or(1)
}
