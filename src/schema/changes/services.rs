//! Services and their methods.

use super::{Breaks, Change, notes, pairs};
use crate::{
    describe::full_name,
    schema::{
        Schema,
        model::{Method, Service},
        options,
    },
};

pub(super) fn compare(old: &Schema, new: &Schema, changes: &mut Vec<Change>) {
    let services = |schema| {
        Schema::all(schema, |file| {
            let named = |it: &Service| full_name(&file.package, &it.name);
            file.services.iter().map(|it| (named(it), it)).collect()
        })
    };
    for (old, new) in pairs("service", services(old), services(new), changes) {
        let what = format!("service {}", new.name);
        let (old, new) = (old.item, new.item);
        notes(
            &what,
            options::SERVICE,
            (&old.docs, &old.options),
            (&new.docs, &new.options),
            changes,
        );
        methods(&what, old, new, changes);
    }
}

fn methods(service: &str, old: &Service, new: &Service, changes: &mut Vec<Change>) {
    for it in &old.methods {
        if !new.methods.iter().any(|new| new.name == it.name) {
            let name = &it.name;
            let what =
                format!("method {name} of {service} was removed: its callers get UNIMPLEMENTED");
            changes.push(Change::breaking(Breaks::Code, what));
        }
    }
    for it in &new.methods {
        match old.methods.iter().find(|old| old.name == it.name) {
            None => {
                let what = format!("method {} of {service} was added", it.name);
                changes.push(Change::additive(what));
            }
            Some(old) => method(&format!("method {} of {service}", it.name), old, it, changes),
        }
    }
}

fn method(what: &str, old: &Method, new: &Method, changes: &mut Vec<Change>) {
    notes(what, options::METHOD, (&old.docs, &old.options), (&new.docs, &new.options), changes);
    for (verb, old, new) in
        [("takes", &old.input, &new.input), ("returns", &old.output, &new.output)]
    {
        if old != new {
            let what = format!("{what} {verb} {new} instead of {old}: breaks callers");
            changes.push(Change::breaking(Breaks::Wire, what));
        }
    }
    let sides = [
        ("takes", old.client_streaming, new.client_streaming),
        ("returns", old.server_streaming, new.server_streaming),
    ];
    for (verb, old, new) in sides {
        let form = |stream| if stream { "a stream" } else { "one message" };
        if old != new {
            let (old, new) = (form(old), form(new));
            let what = format!("{what} {verb} {new} instead of {old}: breaks callers");
            changes.push(Change::breaking(Breaks::Wire, what));
        }
    }
}
