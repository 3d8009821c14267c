//! What the types of a package are called.

use std::collections::{HashMap, HashSet};

use protox::prost_reflect::{EnumDescriptor, MessageDescriptor};

use crate::{
    enumeration::is_carried_over,
    layout::{Home, Named, messages},
    names::{camel, escaped, free},
};

/// Names that generated code means when it says them.
const PRELUDE: [&str; 6] = ["Box", "HashMap", "Option", "Result", "String", "Vec"];

/// A definition that wants a name.
struct Wanting {
    file: usize,
    full_name: String,
    /// The name that it has in its scope.
    short: String,
    /// The full name of the message around it.
    outer: Option<String>,
    is_oneof: bool,
}

/// Names what the files of one package define: first what stands at the top, then what is nested,
/// by its own name where that is not taken.
pub(crate) fn name_package(
    package: &[String],
    homes: &mut [Home],
    names: &mut HashMap<String, Named>,
) {
    let mut taken = HashSet::from(PRELUDE.map(str::to_owned));
    let mut ours = Vec::new();
    let mut wanting = Vec::new();
    for (index, home) in homes.iter_mut().enumerate().filter(|(_, home)| home.public == package) {
        let file = &home.file;
        for service in file.services() {
            let ident = free(escaped(&camel(service.name())), &mut taken);
            home.idents.insert(ident.clone());
            ours = ["Status", "Stream", "Streaming"].map(str::to_owned).to_vec();
            taken.extend(["Client", "Contract", "Server"].map(|end| format!("{ident}{end}")));
            names.insert(service.full_name().to_owned(), Named::Own { ident, file: index });
        }
        let want =
            |full_name: &str, short: &str, outer| Wanting::new(index, full_name, short, outer);
        let enumeration = |it: EnumDescriptor| want(it.full_name(), it.name(), it.parent_message());
        wanting.extend(file.enums().filter(is_carried_over).map(enumeration));
        for message in messages(file).into_iter().filter(|it| !it.is_map_entry()) {
            wanting.push(want(message.full_name(), message.name(), message.parent_message()));
            wanting.extend(message.child_enums().filter(is_carried_over).map(enumeration));
            let oneofs = message.oneofs().filter(|it| !it.is_synthetic());
            wanting.extend(oneofs.map(|it| Wanting {
                is_oneof: true,
                ..want(it.full_name(), it.name(), Some(it.parent_message().clone()))
            }));
        }
    }
    // Stable, so that an outer message comes before what is in it.
    wanting.sort_by_key(|it| (it.is_oneof, it.outer.is_some()));
    let mut counts: HashMap<String, usize> = HashMap::new();
    for it in &wanting {
        *counts.entry(camel(&it.short)).or_default() += 1;
    }
    for it in wanting {
        let short = camel(&it.short);
        let is_free = counts[&short] == 1 && !taken.contains(&short) && !ours.contains(&short);
        let wanted = match &it.outer {
            Some(outer) if !is_free => match &names[outer] {
                Named::Own { ident, .. } => format!("{ident}{}", short.trim_start_matches("r#")),
                Named::Native(_) | Named::WellKnown(_) => short,
            },
            None if taken.contains(&short) => format!("{short}Message"),
            _ => short,
        };
        let ident = free(wanted, &mut taken);
        homes[it.file].idents.insert(ident.clone());
        names.insert(it.full_name, Named::Own { ident, file: it.file });
    }
}

impl Wanting {
    fn new(file: usize, full_name: &str, short: &str, outer: Option<MessageDescriptor>) -> Self {
        Self {
            file,
            full_name: full_name.to_owned(),
            short: short.to_owned(),
            outer: outer.map(|it| it.full_name().to_owned()),
            is_oneof: false,
        }
    }
}
