//! Checks files against the rules of protobuf, and completes them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Error,
    model::{Enum, File, Message, Syntax, Type},
    names::{Names, defined, json_name},
    text,
};
use crate::describe::Label;

/// The files with syntax, imports and text; imported ones first.
pub(super) fn files(mut files: Vec<File>) -> Result<Vec<File>, Error> {
    for file in &mut files {
        syntax(file);
    }
    let mut names = HashSet::new();
    for file in &files {
        for name in defined(file) {
            if names.contains(&name) {
                let reason = format!("{name} is defined twice; the names of values count too");
                return Err(Error::invalid(&file.name, reason));
            }
            names.insert(name);
        }
        definitions(file).map_err(|reason| Error::invalid(&file.name, reason))?;
    }
    let defined = Defined::of(&files);
    let mut imports = Vec::new();
    for file in &files {
        imports.push(defined.imports(file)?);
    }
    for (file, imports) in files.iter_mut().zip(imports) {
        file.imports = imports;
    }
    let names = Names::of(&files);
    for file in &mut files {
        file.text = text::of(file, &names);
    }
    sorted(files)
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

fn definitions(file: &File) -> Result<(), String> {
    file.all_messages().iter().try_for_each(|(name, message)| fields(name, message))?;
    file.all_enums().iter().try_for_each(|(name, it)| values(name, it))
}

/// Each number once, and nothing that is reserved.
fn fields(name: &str, message: &Message) -> Result<(), String> {
    let mut numbers = HashSet::new();
    let mut json_names = HashSet::new();
    for field in &message.fields {
        let number = field.number;
        if !numbers.insert(number) {
            return Err(format!("{name} has two fields with the number {number}"));
        }
        let is_legal = (1..=536_870_911).contains(&number) && !(19_000..=19_999).contains(&number);
        if !is_legal {
            return Err(format!("{number} cannot be the number of a field of {name}"));
        }
        if i32::try_from(number).is_ok_and(|it| message.reserved.has_number(it)) {
            return Err(format!("{name} uses the number {number}, which it reserves"));
        }
        if message.reserved.has_name(&field.name) {
            return Err(format!("{name} uses the name {}, which it reserves", field.name));
        }
        let json = field.json_name.clone().unwrap_or_else(|| json_name(&field.name));
        if !json_names.insert(json.clone()) {
            return Err(format!("{name} has two fields that are called {json} in JSON"));
        }
    }
    Ok(())
}

fn values(name: &str, it: &Enum) -> Result<(), String> {
    for value in &it.values {
        if it.reserved.has_number(value.number) || it.reserved.has_name(&value.name) {
            return Err(format!(
                "{name} uses {} = {}, which it reserves",
                value.name, value.number
            ));
        }
    }
    Ok(())
}

/// Which file defines a name.
struct Defined(HashMap<String, (String, Option<Syntax>)>);

impl Defined {
    fn of(files: &[File]) -> Self {
        let mut defined = HashMap::new();
        for file in files {
            for (name, _) in file.all_messages() {
                defined.insert(name, (file.name.clone(), None));
            }
            for (name, _) in file.all_enums() {
                defined.insert(name, (file.name.clone(), Some(file.syntax)));
            }
        }
        Self(defined)
    }

    /// What `file` uses and does not define, sorted.
    fn imports(&self, file: &File) -> Result<Vec<String>, Error> {
        let mut used = Vec::new();
        for (_, message) in file.all_messages() {
            used.extend(message.fields.iter().filter_map(|it| it.ty.reference()));
        }
        for method in file.services.iter().flat_map(|service| &service.methods) {
            used.extend([method.input.as_str(), method.output.as_str()]);
        }
        let mut imports = BTreeSet::new();
        for name in used {
            let Some((home, syntax)) = self.0.get(name) else {
                return Err(Error::invalid(&file.name, format!("{name} is used and not defined")));
            };
            if file.syntax == Syntax::Proto3 && *syntax == Some(Syntax::Proto2) {
                let reason = format!(
                    "{name} is an enumeration of {home}, which has required fields or defaults and \
                     so is proto2; a proto3 file cannot use it: give it a file of its own"
                );
                return Err(Error::invalid(&file.name, reason));
            }
            if *home != file.name {
                imports.insert(home.clone());
            }
        }
        Ok(imports.into_iter().collect())
    }
}

/// The files in an order in which each one's imports come before it.
fn sorted(mut files: Vec<File>) -> Result<Vec<File>, Error> {
    let mut sorted: Vec<File> = Vec::new();
    while !files.is_empty() {
        let is_free = |file: &File| {
            file.imports.iter().all(|import| sorted.iter().any(|done| done.name == *import))
        };
        let Some(next) = files.iter().position(is_free) else {
            let circle: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            let reason = "files import each other in a circle; move what they share into one file";
            return Err(Error::invalid(&circle.join(", "), reason));
        };
        sorted.push(files.remove(next));
    }
    Ok(sorted)
}
