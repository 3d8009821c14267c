//! Enumerations and their values.

use super::{Change, notes, pairs, reserved};
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
    for it in &old.values {
        if !new.values.iter().any(|new| new.number == it.number) {
            changes.push(removed(name, it, new));
        }
    }
    for it in &new.values {
        match old.values.iter().find(|old| old.number == it.number) {
            None => changes.push(added(name, it, old)),
            Some(before) => {
                let what = format!("value {} ({}) of {name}", it.number, before.name);
                notes(
                    &what,
                    options::VALUE,
                    (&before.docs, &before.options),
                    (&it.docs, &it.options),
                    changes,
                );
                if before.name != it.name {
                    let what = format!("{what} is now called {}: breaks JSON", it.name);
                    changes.push(Change::breaking(format!("{what} and generated code")));
                }
            }
        }
    }
}

/// A value may go when nothing can take its place.
fn removed(name: &str, EnumValue { number, name: value, .. }: &EnumValue, new: &Enum) -> Change {
    let what = format!("value {number} ({value}) of {name} was removed");
    let missing = match (new.reserved.has_number(*number), new.reserved.has_name(value)) {
        (true, true) => return Change::additive(format!("{what} and is reserved")),
        (true, false) => format!("its name: `reserved(\"{value}\")`"),
        (false, true) => format!("its number: `reserved({number})`"),
        (false, false) => format!("it: `reserved({number}, \"{value}\")`"),
    };
    Change::breaking(format!("{what}; reserve {missing}"))
}

fn added(name: &str, EnumValue { number, name: value, .. }: &EnumValue, old: &Enum) -> Change {
    let what = format!("value {number} ({value}) of {name} was added");
    if old.values.iter().any(|it| it.name == *value) {
        return Change::breaking(format!("{what}, with the name of another: breaks JSON"));
    }
    match old.reserved.has_number(*number) || old.reserved.has_name(value) {
        true => Change::breaking(format!("{what}, which was reserved: old data may still use it")),
        false => Change::additive(what),
    }
}
