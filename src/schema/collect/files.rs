//! Files while they are collected, and which of them a definition goes into.

use std::collections::HashMap;

use crate::{
    describe::ProtoOption,
    schema::{Error, model::File, options::Options},
};

/// Files, in the order in which they come.
#[derive(Default)]
pub(super) struct Files {
    pub(super) list: Vec<File>,
    by_name: HashMap<String, usize>,
}

impl Files {
    pub(super) fn get(&mut self, name: &str, package: &str) -> Result<&mut File, Error> {
        let index = match self.by_name.get(name) {
            Some(&index) if self.list[index].package != package => {
                return Err(Error::FileInTwoPackages {
                    file: name.to_owned(),
                    first: self.list[index].package.clone(),
                    second: package.to_owned(),
                });
            }
            Some(&index) => index,
            None => self.push(File::new(name, package)),
        };
        Ok(&mut self.list[index])
    }

    fn push(&mut self, file: File) -> usize {
        let index = self.list.len();
        self.by_name.insert(file.name.clone(), index);
        self.list.push(file);
        index
    }

    /// Takes a whole file, once.
    #[cfg(feature = "prost-types")]
    pub(super) fn add(&mut self, file: File) -> Result<(), Error> {
        match self.by_name.get(&file.name).map(|&index| &self.list[index]) {
            None => drop(self.push(file)),
            Some(other) if *other == file => {}
            Some(_) => return Err(Error::TwoDefinitions { name: file.name }),
        }
        Ok(())
    }
}

/// The file of each package's services; `None` where they have several.
#[derive(Default)]
pub(super) struct Homes(HashMap<&'static str, Option<String>>);

impl Homes {
    pub(super) fn add(&mut self, package: &'static str, file: &str) {
        let home = self.0.entry(package).or_insert_with(|| Some(file.to_owned()));
        if home.as_deref() != Some(file) {
            *home = None;
        }
    }

    /// Where a definition goes that names no file.
    pub(super) fn of(&self, package: &str) -> String {
        self.0.get(package).cloned().flatten().unwrap_or_else(|| file_of(package))
    }
}

/// Gives a file the options of one of its definitions, which must not contradict those of another.
pub(super) fn agree(file: &mut File, options: &[ProtoOption]) -> Result<(), Error> {
    for (name, value) in Options::of(options).iter() {
        match file.options.get(name) {
            Some(other) if other != value => {
                let (first, second) = (other.text(), value.text());
                let reason = format!("{name} is {first} for one definition, {second} for another");
                return Err(Error::invalid(&file.name, reason));
            }
            Some(_) => {}
            None => file.options.set(name, value.clone()),
        }
    }
    Ok(())
}

/// Where a definition goes that names no file, in a package whose services do not say it: into the
/// folder of the package, as other tools expect it.
pub(super) fn file_of(package: &str) -> String {
    let is_version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
    };
    match package.rsplit('.').find(|part| !is_version(part)).unwrap_or(package) {
        "" => "api.proto".to_owned(),
        name => format!("{}/{}.proto", package.replace('.', "/"), name.to_ascii_lowercase()),
    }
}
