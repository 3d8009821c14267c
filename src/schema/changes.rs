//! What is different between two schemas, and whom it breaks.

mod enums;
mod files;
mod messages;
mod services;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use super::{
    Schema,
    model::{File, Reserved},
    options::{Kind, Options, Value},
};

/// Whether programs built from the old contract go on working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Old and new programs understand each other.
    Additive,
    /// Some program that was right yesterday is wrong today: on the wire, in JSON, or in the code
    /// that is generated from the contract.
    Breaking,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        })
    }
}

/// How far a change reaches, in the categories of `buf breaking`: each breaks what those before it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breaks {
    /// Nobody.
    Nothing,
    /// Code that was written against the generated code: buf's `FILE`.
    Code,
    /// Peers that exchange JSON: `WIRE_JSON`.
    Json,
    /// Peers that exchange bytes: `WIRE`.
    Wire,
}

/// One difference between two schemas, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    class: Class,
    breaks: Breaks,
    what: String,
}

impl Change {
    pub(super) fn additive(what: impl Into<String>) -> Self {
        Self { class: Class::Additive, breaks: Breaks::Nothing, what: what.into() }
    }

    pub(super) fn breaking(breaks: Breaks, what: impl Into<String>) -> Self {
        Self { class: Class::Breaking, breaks, what: what.into() }
    }

    /// One that is the right way to change something, though code must follow.
    fn followed(what: impl Into<String>) -> Self {
        Self { breaks: Breaks::Code, ..Self::additive(what) }
    }

    /// Whether it breaks somebody.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Whom it breaks. A change that is additive may still break code: that of a field which is gone,
    /// and reserved, has to go too.
    #[must_use]
    pub fn breaks(&self) -> Breaks {
        self.breaks
    }

    /// What changed: `field 3 of ecommerce.Order changed from string to bytes: breaks readers`.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.what)
    }
}

impl Schema {
    /// What changed from `old` to this schema: breaking changes first, each group in the order of
    /// the files.
    ///
    /// Definitions are compared by their full names, fields and values by their numbers; the text
    /// plays no part. A field or a value that goes must leave its number and its name reserved.
    ///
    /// ```
    /// use traitwire::{Describe, schema::{Class, Schema}};
    /// # mod old {
    /// #     use traitwire::Describe;
    /// #[derive(Clone, PartialEq, prost::Message, Describe)]
    /// #[describe(package = "ecommerce")]
    /// pub struct Order {
    ///     #[prost(string, tag = "3")]
    ///     pub description: String,
    /// }
    /// # }
    /// # mod new {
    /// #     use traitwire::Describe;
    /// // … and some time later:
    /// #[derive(Clone, PartialEq, prost::Message, Describe)]
    /// #[describe(package = "ecommerce")]
    /// pub struct Order {
    ///     #[prost(bytes = "vec", tag = "3")]
    ///     pub description: Vec<u8>,
    /// }
    /// # }
    ///
    /// let old = Schema::with_messages(&[], &[old::Order::DESCRIPTOR])?;
    /// let new = Schema::with_messages(&[], &[new::Order::DESCRIPTOR])?;
    /// let changes = new.changes_since(&old);
    /// assert_eq!(changes[0].class(), Class::Breaking);
    /// assert_eq!(
    ///     changes[0].what(),
    ///     "field 3 (description) of ecommerce.Order changed from string to bytes: breaks readers"
    /// );
    /// # Ok::<(), traitwire::schema::Error>(())
    /// ```
    #[must_use]
    pub fn changes_since(&self, old: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        files::compare(old, self, &mut changes);
        services::compare(old, self, &mut changes);
        messages::compare(old, self, &mut changes);
        enums::compare(old, self, &mut changes);
        changes.sort_by_key(|change| std::cmp::Reverse(change.class));
        changes
    }

    /// Every definition of one kind, with its file.
    fn all<'a, T>(&'a self, of: impl Fn(&'a File) -> Vec<(String, &'a T)>) -> Vec<Defined<'a, T>> {
        let defined = |file: &'a File| {
            of(file).into_iter().map(move |(name, item)| Defined { name, file, item })
        };
        self.files().flat_map(defined).collect()
    }
}

/// A definition, and where it is.
struct Defined<'a, T> {
    name: String,
    file: &'a File,
    item: &'a T,
}

/// What is the same for every kind of definition: whether it comes, goes or moves.
fn pairs<'a, T>(
    kind: &str,
    old: Vec<Defined<'a, T>>,
    new: Vec<Defined<'a, T>>,
    changes: &mut Vec<Change>,
) -> Vec<(Defined<'a, T>, Defined<'a, T>)> {
    let new_names: HashSet<_> = new.iter().map(|it| it.name.clone()).collect();
    let (mut pairs, mut kept) = (Vec::new(), HashMap::new());
    for it in old {
        if new_names.contains(&it.name) {
            kept.insert(it.name.clone(), it);
        } else {
            let what = format!("{kind} {} was removed: breaks those who use it", it.name);
            changes.push(Change::breaking(Breaks::Code, what));
        }
    }
    for it in new {
        let Some(old) = kept.remove(&it.name) else {
            changes.push(Change::additive(format!("{kind} {} was added", it.name)));
            continue;
        };
        if old.file.name != it.file.name {
            changes.push(Change::followed(format!(
                "{kind} {} moved from {} to {}: the bytes stay, imports change",
                it.name, old.file.name, it.file.name
            )));
        }
        pairs.push((old, it));
    }
    pairs
}

/// Doc comments and options, which every definition has.
fn notes(
    what: &str,
    table: &[(&str, Kind)],
    old: (&str, &Options),
    new: (&str, &Options),
    changes: &mut Vec<Change>,
) {
    docs(what, old.0, new.0, changes);
    options(what, table, old.1, new.1, changes);
}

fn docs(what: &str, old: &str, new: &str, changes: &mut Vec<Change>) {
    if old != new {
        changes.push(Change::additive(format!("the comment of {what} changed")));
    }
}

/// An option that is not written has its usual value.
fn options(
    what: &str,
    table: &[(&str, Kind)],
    old: &Options,
    new: &Options,
    changes: &mut Vec<Change>,
) {
    for (name, kind) in table {
        let value = |options: &Options| options.get(name).cloned().unwrap_or_else(|| kind.absent());
        let (old, new) = (value(old), value(new));
        if old == new {
            continue;
        }
        let changed = || format!("{name} of {what} changed from {} to {}", old.text(), new.text());
        changes.push(match (*name, &new) {
            ("allow_alias", _) => continue, // the values say it
            ("deprecated", Value::Flag(true)) => {
                Change::additive(format!("{what} became deprecated"))
            }
            ("deprecated", _) => Change::additive(format!("{what} is not deprecated any more")),
            ("java_generate_equals_and_hash" | "lazy", _)
            | ("no_standard_descriptor_accessor", Value::Flag(false)) => {
                Change::additive(changed())
            }
            ("idempotency_level", _) => Change::breaking(
                Breaks::Wire,
                changed() + ": callers may repeat what they must not",
            ),
            _ => Change::breaking(Breaks::Code, changed() + ": breaks generated code"),
        });
    }
}

/// What was reserved stays reserved.
fn reserved(what: &str, old: &Reserved, new: &Reserved, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let gone = missing(old, new);
    let come = missing(new, old);
    if !gone.is_empty() {
        let what = format!("{what} no longer reserves {gone}: old data may still use it");
        changes.push(Change::breaking(Breaks::Wire, what));
    }
    if !come.is_empty() {
        changes.push(Change::additive(format!("{what} reserves {come}")));
    }
    if gone.is_empty() && come.is_empty() {
        changes.push(Change::additive(format!("{what} lists what it reserves in another way")));
    }
}

/// What `here` reserves and `there` does not, at least in part.
fn missing(here: &Reserved, there: &Reserved) -> String {
    let numbers = here.numbers.iter().filter(|range| !there.covers(**range));
    let numbers = numbers.map(|range| shown(*range));
    let names = here.names.iter().filter(|name| !there.has_name(name)).cloned();
    numbers.chain(names).collect::<Vec<_>>().join(", ")
}

fn shown((first, last): (i32, i32)) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}
