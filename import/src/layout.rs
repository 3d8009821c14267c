//! Where everything goes, and what it is called in Rust.

use std::collections::{BTreeSet, HashMap, HashSet};

use protox::prost_reflect::{DescriptorPool, FileDescriptor, Kind, MessageDescriptor};

use crate::{
    cycles::Cycles,
    names::{free, snake},
    naming::name_package,
};

/// What `traitwire::well_known` has a type for.
const WELL_KNOWN: [&str; 8] =
    ["Any", "Duration", "FieldMask", "ListValue", "NullValue", "Struct", "Timestamp", "Value"];

/// Messages that are a type of the language.
const NATIVE: [(&str, &str); 10] = [
    ("BoolValue", "bool"),
    ("BytesValue", "Vec<u8>"),
    ("DoubleValue", "f64"),
    ("Empty", "()"),
    ("FloatValue", "f32"),
    ("Int32Value", "i32"),
    ("Int64Value", "i64"),
    ("StringValue", "String"),
    ("UInt32Value", "u32"),
    ("UInt64Value", "u64"),
];

/// The type for a message or an enumeration.
pub(crate) enum Named {
    /// One of the language's own.
    Native(&'static str),
    /// One of `traitwire::well_known`.
    WellKnown(&'static str),
    /// One that is written.
    Own {
        ident: String,
        /// The index of its file.
        file: usize,
    },
}

/// A file that is written.
pub(crate) struct Home {
    pub(crate) file: FileDescriptor,
    /// The module that it is written in.
    pub(crate) module: Vec<String>,
    /// The module that others find its types in: the same, or the one above.
    pub(crate) public: Vec<String>,
    /// The names of its types.
    pub(crate) idents: BTreeSet<String>,
}

pub(crate) struct Layout {
    pub(crate) homes: Vec<Home>,
    /// Messages, enumerations, oneofs and services by their full names.
    names: HashMap<String, Named>,
    /// Which fields need a box.
    pub(crate) cycles: Cycles,
}

impl Layout {
    pub(crate) fn new(pool: &DescriptorPool, asked: &[String]) -> Self {
        let files = needed(pool, asked);
        let mut homes = places(files, asked);
        let mut names = HashMap::new();
        let mut packages: Vec<Vec<String>> = Vec::new();
        for home in &homes {
            if !packages.contains(&home.public) {
                packages.push(home.public.clone());
            }
        }
        for package in packages {
            name_package(&package, &mut homes, &mut names);
        }
        for (full_name, _) in homes.iter().flat_map(|home| used(&home.file)) {
            if let (false, Some(named)) = (names.contains_key(&full_name), well_known(&full_name)) {
                names.insert(full_name, named);
            }
        }
        let all: Vec<_> = homes.iter().flat_map(|home| messages(&home.file)).collect();
        Self { cycles: Cycles::among(&all), homes, names }
    }

    /// The type of that full name.
    pub(crate) fn named(&self, full_name: &str) -> &Named {
        &self.names[full_name]
    }

    /// Whether there is a type of that full name: for some of protobuf's own there is none.
    pub(crate) fn has(&self, full_name: &str) -> bool {
        self.names.contains_key(full_name)
    }

    /// Whether a message may be that of a call, for which it needs a name.
    pub(crate) fn can_be_sent(&self, full_name: &str) -> bool {
        match self.names.get(full_name) {
            Some(Named::WellKnown(name)) => ["Any", "Duration", "Timestamp"].contains(name),
            named => named.is_some(),
        }
    }

    /// The name of a type that is written.
    pub(crate) fn ident(&self, full_name: &str) -> &str {
        match self.named(full_name) {
            Named::Own { ident, .. } => ident,
            Named::Native(name) | Named::WellKnown(name) => name,
        }
    }
}

/// The Rust type of what protobuf defines itself.
fn well_known(full_name: &str) -> Option<Named> {
    let name = full_name.strip_prefix("google.protobuf.")?;
    let native = NATIVE.iter().find(|it| it.0 == name).map(|it| Named::Native(it.1));
    native.or_else(|| WELL_KNOWN.into_iter().find(|it| *it == name).map(Named::WellKnown))
}

/// Whether a file is one of protobuf's own, which every compiler brings along.
pub(crate) fn is_well_known(file: &str) -> bool {
    file.starts_with("google/protobuf/")
}

/// The files that were asked for, and those whose types they use, without protobuf's own.
fn needed(pool: &DescriptorPool, asked: &[String]) -> Vec<FileDescriptor> {
    let mut names: BTreeSet<String> = asked.iter().cloned().collect();
    let mut waiting: Vec<_> = asked.to_vec();
    while let Some(file) = waiting.pop().and_then(|name| pool.get_file_by_name(&name)) {
        for (_, used) in used(&file) {
            if names.insert(used.clone()) {
                waiting.push(used);
            }
        }
    }
    let is_needed = |it: &FileDescriptor| names.contains(it.name()) && !is_well_known(it.name());
    pool.files().filter(is_needed).collect()
}

/// What a file uses: full names of types, and their files.
pub(crate) fn used(file: &FileDescriptor) -> Vec<(String, String)> {
    let mut used = Vec::new();
    for message in messages(file) {
        for field in message.fields().filter(|field| !field.is_group()) {
            match field.kind() {
                Kind::Message(it) => used.push((it.full_name().to_owned(), it.parent_file())),
                Kind::Enum(it) => used.push((it.full_name().to_owned(), it.parent_file())),
                _ => {}
            }
        }
    }
    for method in file.services().flat_map(|it| it.methods().collect::<Vec<_>>()) {
        for it in [method.input(), method.output()] {
            used.push((it.full_name().to_owned(), it.parent_file()));
        }
    }
    used.into_iter().map(|(name, file)| (name, file.name().to_owned())).collect()
}

/// All messages of a file, an outer one before its inner ones, with the entries of maps.
pub(crate) fn messages(file: &FileDescriptor) -> Vec<MessageDescriptor> {
    fn walk(message: MessageDescriptor, all: &mut Vec<MessageDescriptor>) {
        all.push(message.clone());
        message.child_messages().for_each(|inner| walk(inner, all));
    }
    let mut all = Vec::new();
    file.messages().for_each(|message| walk(message, &mut all));
    all
}

/// A module for each package. The package that was asked for is the module at the top, if there is
/// one alone. A package of several files has a module for each, and shows what they have.
fn places(files: Vec<FileDescriptor>, asked: &[String]) -> Vec<Home> {
    let is_asked = |file: &FileDescriptor| asked.iter().any(|it| it == file.name());
    let roots: BTreeSet<_> =
        files.iter().filter(|it| is_asked(it)).map(|it| it.package_name().to_owned()).collect();
    let others_at_the_top =
        files.iter().any(|it| it.package_name().is_empty() && !roots.contains(it.package_name()));
    let top = roots.first().filter(|_| roots.len() == 1 && !others_at_the_top).cloned();
    let path = |package: &str| -> Vec<String> {
        match package {
            "" => Vec::new(),
            _ if Some(package) == top.as_deref() => Vec::new(),
            _ => package.split('.').map(module).collect(),
        }
    };
    let publics: Vec<_> = files.iter().map(|file| path(file.package_name())).collect();
    let mut taken: HashMap<Vec<String>, HashSet<String>> = HashMap::new();
    for public in &publics {
        for depth in 0..public.len() {
            taken.entry(public[..depth].to_vec()).or_default().insert(public[depth].clone());
        }
    }
    let alone = |public: &Vec<String>| publics.iter().filter(|it| *it == public).count() == 1;
    let mut homes = Vec::new();
    for (file, public) in files.into_iter().zip(&publics) {
        let mut module = public.clone();
        if !alone(public) {
            let stem = file.name().rsplit('/').next().unwrap_or_default();
            let stem =
                stem.trim_end_matches(".proto").replace(|it: char| !it.is_alphanumeric(), "_");
            let taken = taken.entry(public.clone()).or_default();
            module.push(free(self::module(&stem), taken));
        }
        homes.push(Home { file, module, public: public.clone(), idents: BTreeSet::new() });
    }
    homes
}

/// The module for a part of a package; never one that hides a crate.
fn module(part: &str) -> String {
    match part {
        "std" | "traitwire" => format!("{part}_"),
        part => snake(part),
    }
}
