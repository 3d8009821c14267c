//! What the names in one file mean, and what it has to import for that.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    layout::{Home, Layout, Named},
    text::{Writer, sorted_as},
};

/// The names that a file may take from `traitwire`.
const OURS: [&str; 5] = ["Status", "Stream", "Streaming", "message", "service"];

/// Where the types are that protobuf defines.
const WELL_KNOWN: &str = "traitwire::well_known";

/// Where the text of a file stands.
pub(crate) struct Scope<'a> {
    layout: &'a Layout,
    home: &'a Home,
    index: usize,
    /// The paths that are imported, by the names that they have here.
    imported: BTreeMap<String, String>,
    /// The full names in protobuf of the types that were said.
    said: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(layout: &'a Layout, index: usize) -> Self {
        Self {
            layout,
            home: &layout.homes[index],
            index,
            imported: BTreeMap::new(),
            said: BTreeSet::new(),
        }
    }

    /// The name in Rust of a message or an enumeration.
    pub(crate) fn ty(&mut self, full_name: &str) -> String {
        self.said.insert(full_name.to_owned());
        match self.layout.named(full_name) {
            Named::Native(name) => (*name).to_owned(),
            Named::WellKnown(name) => self.import(WELL_KNOWN, name),
            Named::Own { ident, file } if *file == self.index => ident.clone(),
            Named::Own { ident, file } => {
                let path = self.path_to(&self.layout.homes[*file].public);
                self.import(&path, ident)
            }
        }
    }

    /// The full names that [`ty`](Self::ty) was asked for.
    pub(crate) fn said(&self) -> &BTreeSet<String> {
        &self.said
    }

    /// One of `traitwire`'s names.
    pub(crate) fn ours(&mut self, name: &'static str) -> String {
        self.import("traitwire", name)
    }

    /// `HashMap`.
    pub(crate) fn hash_map(&mut self) -> String {
        self.import("std::collections", "HashMap")
    }

    /// Imports a name if nothing else has it here; else it is said with its path.
    fn import(&mut self, path: &str, name: &str) -> String {
        let is_other = path != "traitwire" && OURS.contains(&name);
        let full = format!("{path}::{name}");
        let other = self.imported.get(name).is_some_and(|it| *it != full);
        if is_other || other || self.home.idents.contains(name) {
            return full;
        }
        self.imported.insert(name.to_owned(), full);
        name.to_owned()
    }

    /// The path from here to a module.
    fn path_to(&self, module: &[String]) -> String {
        let here = &self.home.module;
        let shared = here.iter().zip(module).take_while(|(one, other)| one == other).count();
        let mut path = vec!["super"; here.len() - shared];
        if path.is_empty() {
            path.push("self");
        }
        path.extend(module[shared..].iter().map(String::as_str));
        path.join("::")
    }

    /// Writes the `use` lines.
    pub(crate) fn uses(&self, writer: &mut Writer) {
        let mut modules: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (path, name) in self.imported.values().filter_map(|it| it.rsplit_once("::")) {
            let steps_up = path.matches("super").count();
            let is_outside = steps_up == 0 && !path.starts_with("self");
            modules.entry((is_outside, Reverse(steps_up), path)).or_default().push(name);
        }
        let well_known =
            modules.remove(&(true, Reverse(0), WELL_KNOWN)).map(|names| match &names[..] {
                [name] => format!("well_known::{name}"),
                names => format!("well_known::{{{}}}", names.join(", ")),
            });
        if let Some(well_known) = &well_known {
            modules.entry((true, Reverse(0), "traitwire")).or_default().push(well_known);
        }
        let mut modules: Vec<_> = modules.into_iter().collect();
        // A list comes behind the modules beside it.
        modules.sort_by_key(|((is_outside, steps_up, path), names)| {
            let last = if names.len() == 1 { names[0] } else { "{" };
            (*is_outside, *steps_up, sorted_as(&format!("{path}::{last}")))
        });
        for ((_, _, path), names) in modules {
            writer.import(path, &names);
        }
    }
}
