//! Messages and their fields.

use std::collections::{HashMap, HashSet};

use super::{Breaks, Change, docs, notes, pairs, reserved};
use crate::{
    describe::{Label, Scalar},
    schema::{
        Schema,
        model::{DefaultValue, Field, File, Message, Type},
        names::json_name,
        options,
    },
};

pub(super) fn compare(old: &Schema, new: &Schema, changes: &mut Vec<Change>) {
    let messages = |schema| Schema::all(schema, File::all_messages);
    for (old, new) in pairs("message", messages(old), messages(new), changes) {
        let (name, old, new) = (new.name, old.item, new.item);
        notes(
            &format!("message {name}"),
            options::MESSAGE,
            (&old.docs, &old.options),
            (&new.docs, &new.options),
            changes,
        );
        reserved(&name, &old.reserved, &new.reserved, changes);
        oneofs(&name, old, new, changes);
        fields(&name, old, new, changes);
    }
}

fn oneofs(name: &str, old: &Message, new: &Message, changes: &mut Vec<Change>) {
    for it in &old.oneofs {
        if !new.oneofs.iter().any(|new| new.name == it.name) {
            let what = format!("oneof {} of {name} was removed: breaks code that uses it", it.name);
            changes.push(Change::breaking(Breaks::Code, what));
        }
    }
    for it in &new.oneofs {
        match old.oneofs.iter().find(|old| old.name == it.name) {
            None => {
                changes.push(Change::additive(format!("oneof {} of {name} was added", it.name)));
            }
            Some(old) => {
                let what = format!("oneof {} of {name}", it.name);
                docs(&what, &old.docs, &it.docs, changes);
            }
        }
    }
}

fn fields(name: &str, old: &Message, new: &Message, changes: &mut Vec<Change>) {
    let numbers: HashSet<_> = new.fields.iter().map(|it| it.number).collect();
    for it in old.fields.iter().filter(|it| !numbers.contains(&it.number)) {
        changes.push(removed(name, it, new));
    }
    let before: HashMap<_, _> = old.fields.iter().map(|it| (it.number, it)).collect();
    for it in &new.fields {
        match before.get(&it.number) {
            None => changes.push(added(name, it, old)),
            Some(before) => {
                let what = format!("field {} ({}) of {name}", it.number, before.name);
                field(&what, (old, before), (new, it), changes);
            }
        }
    }
}

/// A field may go when nothing can take its place.
fn removed(name: &str, field: &Field, new: &Message) -> Change {
    let Field { number, name: field_name, .. } = field;
    let what = format!("field {number} ({field_name}) of {name} was removed");
    let has_number = i32::try_from(*number).is_ok_and(|it| new.reserved.has_number(it));
    let has_name = new.reserved.has_name(field_name);
    let breaks = if has_number { Breaks::Json } else { Breaks::Wire };
    if field.label == Label::Required {
        let what = format!("{what}, which was required: breaks readers");
        return Change::breaking(Breaks::Wire, what);
    }
    let moved = new.fields.iter().find(|it| it.name == *field_name);
    if let Some(Field { number: moved, .. }) = moved {
        let what = format!("field {number} ({field_name}) of {name} is now number {moved}");
        return Change::breaking(
            breaks,
            format!("{what}; give it back the number that peers know"),
        );
    }
    let missing = match (has_number, has_name) {
        (true, true) => return Change::followed(format!("{what} and is reserved")),
        (true, false) => format!("its name: `reserved(\"{field_name}\")`"),
        (false, true) => format!("its number: `reserved({number})`"),
        (false, false) => format!("it: `reserved({number}, \"{field_name}\")`"),
    };
    Change::breaking(breaks, format!("{what}; reserve {missing}"))
}

fn added(name: &str, field: &Field, old: &Message) -> Change {
    let Field { number, name: field_name, .. } = field;
    let what = format!("field {number} ({field_name}) of {name} was added");
    if field.label == Label::Required {
        let what = format!("{what} and is required: breaks readers of old messages");
        return Change::breaking(Breaks::Wire, what);
    }
    if old.fields.iter().any(|it| it.name == *field_name) {
        let what = format!("{what}, with the name of another: breaks JSON");
        return Change::breaking(Breaks::Json, what);
    }
    let was_reserved = i32::try_from(*number).is_ok_and(|it| old.reserved.has_number(it))
        || old.reserved.has_name(field_name);
    match was_reserved {
        true => Change::breaking(
            Breaks::Wire,
            format!("{what}, which was reserved: old data may still use it"),
        ),
        false => Change::additive(what),
    }
}

fn field(
    what: &str,
    (old_message, old): (&Message, &Field),
    (new_message, new): (&Message, &Field),
    changes: &mut Vec<Change>,
) {
    notes(what, options::FIELD, (&old.docs, &old.options), (&new.docs, &new.options), changes);
    if old.name != new.name {
        let what = format!("{what} is now called {}: breaks JSON and generated code", new.name);
        changes.push(Change::breaking(Breaks::Json, what));
    } else if json(old) != json(new) {
        let what = format!("{what} is called {} in JSON instead of {}", json(new), json(old));
        changes.push(Change::breaking(Breaks::Json, format!("{what}: breaks JSON")));
    }
    if old.ty != new.ty {
        let of_the_label = label(what, old.label, new.label).map(|it| it.breaks());
        let breaks = of_the_type(&old.ty, &new.ty).max(of_the_label.unwrap_or(Breaks::Nothing));
        let (old, new) = (shown(&old.ty), shown(&new.ty));
        let what = format!("{what} changed from {old} to {new}: breaks readers");
        changes.push(Change::breaking(breaks, what));
    } else {
        changes.extend(label(what, old.label, new.label));
    }
    if old.default != new.default {
        let shown = |default: &Option<DefaultValue>| match default {
            None => "none".to_owned(),
            Some(DefaultValue::Word(word)) => word.clone(),
            Some(DefaultValue::String(text)) => format!("{text:?}"),
            Some(DefaultValue::Bytes(bytes)) => format!("{bytes:?}"),
        };
        let (old, new) = (shown(&old.default), shown(&new.default));
        let what = format!("the default of {what} changed from {old} to {new}");
        changes.push(Change::breaking(Breaks::Wire, what + ": both sides must agree on it"));
    }
    let oneof = |message: &Message, field: &Field| {
        field.oneof.map_or("no oneof".to_owned(), |it| format!("oneof {}", message.oneofs[it].name))
    };
    let (from, to) = (oneof(old_message, old), oneof(new_message, new));
    if from != to {
        let what = format!("{what} moved from {from} to {to}: setting one field clears others");
        changes.push(Change::breaking(Breaks::Wire, what));
    }
}

fn label(what: &str, old: Label, new: Label) -> Option<Change> {
    use Label::{Optional, Plain, Repeated, Required};
    match (old, new) {
        _ if old == new => None,
        (Plain | Optional, Plain | Optional) => Some(Change::followed(format!(
            "{what} {} distinguishes absent from zero: the bytes stay",
            if new == Optional { "now" } else { "no longer" }
        ))),
        (Repeated { .. }, Repeated { packed }) => Some(Change::additive(format!(
            "{what} is {} packed: readers take both",
            if packed { "now" } else { "no longer" }
        ))),
        _ => {
            let is_required = old == Required || new == Required;
            let whom = if is_required { "readers of the other kind" } else { "readers" };
            let what = format!("{what} changed from {} to {}: breaks {whom}", word(old), word(new));
            Some(Change::breaking(Breaks::Wire, what))
        }
    }
}

/// Types that are written in one way, in bytes or even in JSON.
fn of_the_type(old: &Type, new: &Type) -> Breaks {
    use Scalar::{
        Bool, Bytes, Fixed32, Fixed64, Int32, Int64, Sfixed32, Sfixed64, Sint32, Sint64, String,
        Uint32, Uint64,
    };
    const CODE: &[&[Scalar]] =
        &[&[Int32, Uint32], &[Int64, Uint64], &[Fixed32, Sfixed32], &[Fixed64, Sfixed64]];
    const JSON: &[&[Scalar]] = &[&[Int32, Uint32, Int64, Uint64, Bool], &[Sint32, Sint64]];
    match (old, new) {
        _ if old == new => Breaks::Nothing,
        (Type::Map(old_key, old), Type::Map(new_key, new)) => {
            let keys = of_the_type(&Type::Scalar(*old_key), &Type::Scalar(*new_key));
            keys.max(of_the_type(old, new))
        }
        (Type::Scalar(old), Type::Scalar(new)) => {
            let among = |groups: &[&[Scalar]]| {
                groups.iter().any(|group| group.contains(old) && group.contains(new))
            };
            match (old, new) {
                _ if among(CODE) => Breaks::Code,
                (String, Bytes) => Breaks::Json,
                _ if among(JSON) => Breaks::Json,
                _ => Breaks::Wire,
            }
        }
        _ => Breaks::Wire,
    }
}

fn word(label: Label) -> &'static str {
    match label {
        Label::Plain => "singular",
        Label::Optional => "optional",
        Label::Required => "required",
        Label::Repeated { .. } => "repeated",
    }
}

fn json(field: &Field) -> String {
    field.json_name.clone().unwrap_or_else(|| json_name(&field.name))
}

fn shown(ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => scalar.name().to_owned(),
        Type::Message(name) | Type::Enum(name) => name.clone(),
        Type::Map(key, value) => format!("map<{}, {}>", key.name(), shown(value)),
    }
}
