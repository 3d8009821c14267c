//! Enumerations and their values.

use std::collections::HashMap;

use super::{Breaks, Change, notes, pairs, reserved};
use crate::schema::{
    Schema,
    model::{Enum, EnumValue, File},
    options,
};

pub(super) fn compare(old: &Schema, new: &Schema, changes: &mut Vec<Change>) {
    let enums = |schema| Schema::all(schema, File::all_enums);
    for (old, new) in pairs("enumeration", enums(old), enums(new), changes) {
        let (name, old, new) = (new.name, old.item, new.item);
        notes(
            &format!("enumeration {name}"),
            options::ENUM,
            (&old.docs, &old.options),
            (&new.docs, &new.options),
            changes,
        );
        reserved(&name, &old.reserved, &new.reserved, changes);
        values(&name, old, new, changes);
    }
}

fn values(name: &str, old: &Enum, new: &Enum, changes: &mut Vec<Change>) {
    let (old_values, new_values) = (by_number(old), by_number(new));
    for it in old.values.iter().filter(|it| !new_values.contains_key(&it.number)) {
        changes.push(removed(name, it, new));
    }
    for it in &new.values {
        let named = |all: &[&EnumValue]| all.iter().any(|other| other.name == it.name);
        match old_values.get(&it.number) {
            None => changes.push(added(name, it, old)),
            Some(before) if !named(before) && before.len() < new_values[&it.number].len() => {
                let what = format!("value {} of {name} is also called {}", it.number, it.name);
                changes.push(Change::additive(what));
            }
            Some(_) => {}
        }
    }
    for before in &old.values {
        let what = format!("value {} ({}) of {name}", before.number, before.name);
        let now = new_values.get(&before.number).map_or(&[][..], Vec::as_slice);
        if let Some(it) = now.iter().find(|it| it.name == before.name) {
            let (old, new) = ((&*before.docs, &before.options), (&*it.docs, &it.options));
            notes(&what, options::VALUE, old, new, changes);
        } else if !now.is_empty() {
            let now: Vec<_> = now.iter().map(|it| it.name.as_str()).collect();
            let what = format!("{what} is now called {}: breaks JSON", now.join(" and "));
            changes.push(Change::breaking(Breaks::Json, format!("{what} and generated code")));
        }
    }
}

/// The values, of which several share a number where an alias is allowed.
fn by_number(it: &Enum) -> HashMap<i32, Vec<&EnumValue>> {
    let mut values: HashMap<_, Vec<_>> = HashMap::new();
    for value in &it.values {
        values.entry(value.number).or_default().push(value);
    }
    values
}

/// A value may go when nothing can take its place.
fn removed(name: &str, EnumValue { number, name: value, .. }: &EnumValue, new: &Enum) -> Change {
    let what = format!("value {number} ({value}) of {name} was removed");
    let has_number = new.reserved.has_number(*number);
    let breaks = if has_number { Breaks::Json } else { Breaks::Wire };
    let moved = new.values.iter().find(|it| it.name == *value);
    if let Some(EnumValue { number: moved, .. }) = moved {
        let what = format!("value {number} ({value}) of {name} is now number {moved}");
        return Change::breaking(
            breaks,
            format!("{what}; give it back the number that peers know"),
        );
    }
    let missing = match (has_number, new.reserved.has_name(value)) {
        (true, true) => return Change::followed(format!("{what} and is reserved")),
        (true, false) => format!("its name: `reserved(\"{value}\")`"),
        (false, true) => format!("its number: `reserved({number})`"),
        (false, false) => format!("it: `reserved({number}, \"{value}\")`"),
    };
    Change::breaking(breaks, format!("{what}; reserve {missing}"))
}

fn added(name: &str, EnumValue { number, name: value, .. }: &EnumValue, old: &Enum) -> Change {
    let what = format!("value {number} ({value}) of {name} was added");
    if old.values.iter().any(|it| it.name == *value) {
        let what = format!("{what}, with the name of another: breaks JSON");
        return Change::breaking(Breaks::Json, what);
    }
    match old.reserved.has_number(*number) || old.reserved.has_name(value) {
        true => Change::breaking(
            Breaks::Wire,
            format!("{what}, which was reserved: old data may still use it"),
        ),
        false => Change::additive(what),
    }
}
