//! The files themselves.

use std::collections::{HashMap, HashSet};

use super::{Breaks, Change};
use crate::schema::{
    Schema,
    model::{File, Syntax},
    options,
};

pub(super) fn compare(old: &Schema, new: &Schema, changes: &mut Vec<Change>) {
    let kept: HashSet<_> = new.files().map(|file| file.name.as_str()).collect();
    for file in old.files().filter(|file| !kept.contains(file.name.as_str())) {
        let what = format!("{} is not part of the contract: breaks those who import it", file.name);
        changes.push(Change::followed(what));
    }
    let old: HashMap<_, _> = old.files().map(|file| (file.name.as_str(), file)).collect();
    for new in new.files() {
        let Some(old) = old.get(new.name.as_str()) else { continue };
        let (from, to) = (old.syntax.name(), new.syntax.name());
        if from != to {
            // JSON is looser in proto2.
            let breaks = if to == "proto2" { Breaks::Json } else { Breaks::Code };
            let what = format!(
                "{} changed from {from} to {to}: absent fields and unknown values read differently",
                new.name
            );
            changes.push(Change::breaking(breaks, what));
        }
        if old.package != new.package {
            let what = format!(
                "the package of {} changed from {:?} to {:?}: breaks all that it defines",
                new.name, old.package, new.package
            );
            changes.push(Change::breaking(Breaks::Wire, what));
        }
        let options = |file: &File| {
            let mut options = file.options.clone();
            // It has no meaning there.
            if new.syntax == Syntax::Proto3 {
                options.remove("java_string_check_utf8");
            }
            options
        };
        super::options(&new.name, options::FILE, &options(old), &options(new), changes);
    }
}
