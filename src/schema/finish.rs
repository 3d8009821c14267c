//! Checks files, and completes them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Error,
    model::{DefaultValue, Field, File, Message, Syntax, Type},
    names::{Names, defined, outer},
    options::Value,
    rules, text,
};
use crate::describe::Label;

/// The files with syntax, imports and text; imported ones first.
pub(super) fn files(mut files: Vec<File>) -> Result<Vec<File>, Error> {
    file_names(&files)?;
    let mut names = HashSet::new();
    for file in &mut files {
        syntax(file);
        rules::check(file).map_err(|reason| Error::invalid(&file.name, reason))?;
        for name in defined(file) {
            if names.contains(&name) {
                let reason = format!(
                    "{name} is defined twice; values count too, and what compilers make of maps \
                     and optional fields"
                );
                return Err(Error::invalid(&file.name, reason));
            }
            names.insert(name);
        }
    }
    for file in &files {
        let mut package = file.package.as_str();
        while !package.is_empty() {
            if names.contains(package) {
                let reason = format!("{package} is a package, and the name of a definition too");
                return Err(Error::invalid(&file.name, reason));
            }
            package = outer(package);
        }
    }
    let index = Defined::of(&files);
    let imports = files.iter().map(|file| index.imports(file)).collect::<Result<Vec<_>, _>>()?;
    for (file, imports) in files.iter_mut().zip(imports) {
        file.imports = imports;
    }
    // What nobody uses would be missed when the text is read, and with it the names that it takes.
    if files.iter().any(|file| !file.is_well_known()) {
        let used = used(&files);
        files.retain(|file| !file.is_well_known() || used.contains(&file.name));
    }
    let names = Names::of(&files);
    for file in &mut files {
        file.text = text::of(file, &names);
    }
    sorted(files)
}

/// Names that every file system has, each for one file.
fn file_names(files: &[File]) -> Result<(), Error> {
    let mut taken: HashMap<String, &str> = HashMap::new();
    for file in files {
        let name = file.name.as_str();
        let is_part = |part: &str| {
            let is_letter = |it: char| !it.is_whitespace() && !it.is_control();
            !matches!(part, "" | "." | "..")
                && part.chars().all(|it| is_letter(it) && !r#"\:*?"<>|"#.contains(it))
        };
        if !name.ends_with(".proto") || !name.split('/').all(is_part) {
            return Err(Error::invalid(name, "this cannot be the name of a `.proto` file"));
        }
        if let Some(other) = taken.insert(name.to_lowercase(), name) {
            let reason = format!("its name differs from {other} in casing alone");
            return Err(Error::invalid(name, reason));
        }
    }
    for file in files {
        for (end, _) in file.name.match_indices('/') {
            if let Some(other) = taken.get(&file.name[..end].to_lowercase()) {
                let reason = format!("{other} is a file, and cannot be a folder too");
                return Err(Error::invalid(&file.name, reason));
            }
        }
    }
    Ok(())
}

/// Only proto2 has required fields and defaults; there, every other single field is optional.
fn syntax(file: &mut File) {
    let needs_proto2 = |(_, message): (String, &Message)| {
        message.fields.iter().any(|it| it.label == Label::Required || it.default.is_some())
    };
    if file.syntax != Syntax::Proto2 && !file.all_messages().into_iter().any(needs_proto2) {
        return;
    }
    file.syntax = Syntax::Proto2;
    fn optional(messages: &mut [Message]) {
        for message in messages {
            optional(&mut message.messages);
            for field in &mut message.fields {
                let is_value = matches!(field.ty, Type::Scalar(_) | Type::Enum(_));
                if field.label == Label::Plain && field.oneof.is_none() && is_value {
                    field.label = Label::Optional;
                }
            }
        }
    }
    optional(&mut file.messages);
}

/// What a name is.
enum Meaning<'a> {
    Message,
    /// The names of its values.
    Enum(HashSet<&'a str>),
}

/// Every message and enumeration, with its file.
struct Defined<'a>(HashMap<String, (&'a File, Meaning<'a>)>);

impl<'a> Defined<'a> {
    fn of(files: &'a [File]) -> Self {
        let mut defined = HashMap::new();
        for file in files {
            for (name, _) in file.all_messages() {
                defined.insert(name, (file, Meaning::Message));
            }
            for (name, it) in file.all_enums() {
                let values = it.values.iter().map(|it| it.name.as_str()).collect();
                defined.insert(name, (file, Meaning::Enum(values)));
            }
        }
        Self(defined)
    }

    /// What `file` uses and does not define, sorted.
    fn imports(&self, file: &File) -> Result<Vec<String>, Error> {
        let mut imports = BTreeSet::new();
        let is_lite = |file: &File| file.options.get("optimize_for") == Some(&lite());
        let mut add = |home: Result<&File, String>| {
            let home = home.map_err(|reason| Error::invalid(&file.name, reason))?;
            if is_lite(home) && !is_lite(file) {
                let reason = format!("it uses {}, which is LITE_RUNTIME: be so too", home.name);
                return Err(Error::invalid(&file.name, reason));
            }
            if home.name != file.name {
                imports.insert(home.name.clone());
            }
            Ok(())
        };
        for (_, message) in file.all_messages() {
            for field in &message.fields {
                if let Some(name) = field.ty.reference() {
                    add(self.field(file, field, name))?;
                }
            }
        }
        for method in file.services.iter().flat_map(|service| &service.methods) {
            for name in [&method.input, &method.output] {
                add(self.message(name))?;
            }
        }
        Ok(imports.into_iter().collect())
    }

    fn message(&self, name: &str) -> Result<&'a File, String> {
        match self.0.get(name) {
            None => Err(format!("{name} is used and not defined")),
            Some((file, Meaning::Message)) => Ok(file),
            Some((_, Meaning::Enum(_))) => Err(format!("{name} is an enumeration, not a message")),
        }
    }

    /// The file of the message or enumeration that a field holds.
    fn field(&self, file: &File, field: &Field, name: &str) -> Result<&'a File, String> {
        let inner = match &field.ty {
            Type::Map(_, value) => value,
            ty => ty,
        };
        if !matches!(inner, Type::Enum(_)) {
            return self.message(name);
        }
        let (home, values) = match self.0.get(name) {
            None => return Err(format!("{name} is used and not defined")),
            Some((home, Meaning::Enum(values))) => (*home, values),
            Some(_) => return Err(format!("{name} is a message, not an enumeration")),
        };
        if file.syntax == Syntax::Proto3 && home.syntax == Syntax::Proto2 {
            return Err(format!(
                "{name} is an enumeration of {}, which has required fields or defaults and so is \
                 proto2; a proto3 file cannot use it: give it a file of its own",
                home.name
            ));
        }
        match &field.default {
            Some(default @ DefaultValue::Word(word)) if !values.contains(word.as_str()) => {
                Err(rules::refused(field, default))
            }
            _ => Ok(home),
        }
    }
}

/// The files that those of the contract import, and what these import in their turn.
fn used(files: &[File]) -> HashSet<String> {
    let mut next: Vec<&File> = files.iter().filter(|file| !file.is_well_known()).collect();
    let mut used = HashSet::new();
    while let Some(file) = next.pop() {
        for import in &file.imports {
            if used.insert(import.clone()) {
                next.extend(files.iter().filter(|it| it.name == *import));
            }
        }
    }
    used
}

fn lite() -> Value {
    Value::Word("LITE_RUNTIME".to_owned())
}

/// The files in an order in which each one's imports come before it.
fn sorted(files: Vec<File>) -> Result<Vec<File>, Error> {
    let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
    let mut missing: Vec<usize> = files.iter().map(|file| file.imports.len()).collect();
    for (index, file) in files.iter().enumerate() {
        for import in &file.imports {
            waiting.entry(import.clone()).or_default().push(index);
        }
    }
    // The first that is free each time, so that files stay in their order where they may.
    let mut free: BTreeSet<usize> = (0..files.len()).filter(|index| missing[*index] == 0).collect();
    let mut rest: Vec<_> = files.into_iter().map(Some).collect();
    let mut sorted = Vec::new();
    while let Some(next) = free.pop_first() {
        let Some(file) = rest[next].take() else { continue };
        for &index in waiting.get(&file.name).into_iter().flatten() {
            missing[index] -= 1;
            if missing[index] == 0 {
                free.insert(index);
            }
        }
        sorted.push(file);
    }
    let circle: Vec<_> = rest.iter().flatten().map(|file| file.name.as_str()).collect();
    if circle.is_empty() {
        return Ok(sorted);
    }
    let reason = "files import each other in a circle; move what they share into one file";
    Err(Error::invalid(&circle.join(", "), reason))
}
