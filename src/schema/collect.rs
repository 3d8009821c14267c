//! From static descriptors to files.

mod convert;
mod files;

use std::collections::{HashMap, HashSet};

use convert::{enumeration, message, service};
use files::{Files, Homes, agree, file_of};

use super::{
    Error,
    model::{Enum, File, Message},
};
use crate::{
    ServiceDescriptor, TypeRef,
    describe::{
        EnumDescriptor, FieldKind, Member, MessageDescriptor, ProtoOption, WellKnownFile,
        full_name, well_known_file,
    },
};

/// The files of services and messages, without imports and text.
pub(super) fn files(
    services: &[&'static ServiceDescriptor],
    messages: &[&'static MessageDescriptor],
) -> Result<Vec<File>, Error> {
    let mut definitions = Definitions::default();
    let mut files = Files::default();
    for service in services {
        if service.descriptor_set.is_some() {
            contract_first(service, &mut definitions, &mut files)?;
            continue;
        }
        for method in service.methods {
            for message in [&method.input, &method.output] {
                definitions.message(described(message, method.path)?)?;
            }
        }
    }
    for message in messages {
        definitions.message(message)?;
    }
    let code_first = || services.iter().filter(|service| service.descriptor_set.is_none());
    let mut homes = Homes::default();
    for it in code_first() {
        let path = it.file.map_or_else(|| file_of(it.package), str::to_owned);
        homes.add(it.package, &path);
        let file = files.get(&path, it.package)?;
        file.services.push(service(it));
        agree(file, it.file_options)?;
    }
    definitions.place(&homes, &mut files)?;
    Ok(files.list)
}

/// The files of descriptors.
#[cfg(feature = "prost-types")]
pub(super) fn files_of_set(set: &prost_types::FileDescriptorSet) -> Result<Vec<File>, Error> {
    let mut definitions = Definitions::default();
    let mut files = Files::default();
    add_set(set, &mut definitions, &mut files)?;
    definitions.place(&Homes::default(), &mut files)?;
    Ok(files.list)
}

#[cfg(feature = "prost-types")]
fn add_set(
    set: &prost_types::FileDescriptorSet,
    definitions: &mut Definitions,
    files: &mut Files,
) -> Result<(), Error> {
    set.file.iter().try_for_each(|file| match well_known_file(file.name()) {
        Some(file) => definitions.well_known(file),
        None => files.add(super::from_proto::file(file)?),
    })
}

/// The files of a service that follows a `.proto`.
#[cfg(feature = "prost-types")]
fn contract_first(
    service: &ServiceDescriptor,
    definitions: &mut Definitions,
    files: &mut Files,
) -> Result<(), Error> {
    match super::check::descriptor_set(service) {
        Some(set) => add_set(&set?, definitions, files),
        None => Ok(()),
    }
}

#[cfg(not(feature = "prost-types"))]
fn contract_first(
    service: &ServiceDescriptor,
    _: &mut Definitions,
    _: &mut Files,
) -> Result<(), Error> {
    let name = service.full_name();
    let reason =
        format!("{name} follows this `.proto`; traitwire reads it with feature `prost-types`");
    Err(Error::invalid(service.file.unwrap_or(service.name), reason))
}

fn described(message: &TypeRef, method: &'static str) -> Result<&'static MessageDescriptor, Error> {
    match message.describe {
        Some(describe) => Ok(describe()),
        None => Err(Error::NotDescribed { message: message.full_name(), method }),
    }
}

/// A message or an enumeration, on its way into a file.
#[derive(Clone, PartialEq)]
struct Definition {
    package: &'static str,
    /// With dots, for one inside a message.
    name: &'static str,
    file: Option<&'static str>,
    options: &'static [ProtoOption],
    item: Item,
}

#[derive(Clone, PartialEq)]
enum Item {
    Message(Message),
    Enum(Enum),
}

/// Everything that is used, in the order in which it is found.
#[derive(Default)]
struct Definitions {
    list: Vec<Definition>,
    by_name: HashMap<String, usize>,
    /// The files of protobuf that are in the list.
    well_known: HashSet<&'static str>,
}

impl Definitions {
    fn message(&mut self, it: &'static MessageDescriptor) -> Result<(), Error> {
        match it.file.and_then(well_known_file) {
            Some(file) => self.well_known(file),
            None => self.own_message(it),
        }
    }

    fn own_message(&mut self, it: &'static MessageDescriptor) -> Result<(), Error> {
        let item = Item::Message(message(it));
        let is_new = self.add(it.package, it.name, (it.file, it.file_options), item)?;
        let members = if is_new { it.members } else { &[] };
        members.iter().try_for_each(|member| match member {
            Member::Field(field) => self.kind(&field.kind),
            Member::Oneof { fields, .. } => {
                fields().fields.iter().try_for_each(|field| self.kind(&field.kind))
            }
        })
    }

    fn enumeration(&mut self, it: &'static EnumDescriptor) -> Result<(), Error> {
        match it.file.and_then(well_known_file) {
            Some(file) => self.well_known(file),
            None => self.own_enumeration(it),
        }
    }

    fn own_enumeration(&mut self, it: &'static EnumDescriptor) -> Result<(), Error> {
        let file = (it.file, it.file_options);
        self.add(it.package, it.name, file, Item::Enum(enumeration(it))).map(drop)
    }

    /// Protobuf's own files are there as a whole, in their own order, or not at all.
    fn well_known(&mut self, file: &'static WellKnownFile) -> Result<(), Error> {
        if !self.well_known.insert(file.name) {
            return Ok(());
        }
        file.messages.iter().try_for_each(|it| self.own_message(it))?;
        file.enums.iter().try_for_each(|it| self.own_enumeration(it))
    }

    fn kind(&mut self, kind: &FieldKind) -> Result<(), Error> {
        match kind {
            FieldKind::Scalar(_) => Ok(()),
            FieldKind::Message(descriptor) => self.message(descriptor()),
            FieldKind::Enum(descriptor) => self.enumeration(descriptor()),
            FieldKind::Map(_, value) => self.kind(value),
        }
    }

    /// Whether the definition is new; another one of the same name is an error.
    fn add(
        &mut self,
        package: &'static str,
        name: &'static str,
        (file, options): (Option<&'static str>, &'static [ProtoOption]),
        item: Item,
    ) -> Result<bool, Error> {
        let definition = Definition { package, name, file, options, item };
        let full_name = full_name(package, name);
        match self.by_name.get(&full_name) {
            Some(&index) if self.list[index] == definition => Ok(false),
            Some(_) => Err(Error::TwoDefinitions { name: full_name }),
            None => {
                self.by_name.insert(full_name, self.list.len());
                self.list.push(definition);
                Ok(true)
            }
        }
    }

    /// Puts every definition into its file, outer ones first.
    fn place(mut self, homes: &Homes, files: &mut Files) -> Result<(), Error> {
        let file_of: HashMap<String, String> = self
            .list
            .iter()
            .map(|it| {
                let file = it.file.map_or_else(|| homes.of(it.package), str::to_owned);
                (full_name(it.package, it.name), file)
            })
            .collect();
        self.list.sort_by_key(|it| it.name.matches('.').count());
        for Definition { package, name, file, options, item } in self.list {
            let root = name.split('.').next().unwrap_or(name);
            let root_file = file_of.get(&full_name(package, root));
            let file = match (file, root_file) {
                (None, Some(root_file)) => root_file.clone(),
                _ => file_of[&full_name(package, name)].clone(),
            };
            let file = files.get(&file, package)?;
            agree(file, options)?;
            let (messages, enums) = match name.rsplit_once('.') {
                None => (&mut file.messages, &mut file.enums),
                Some((parent, _)) => {
                    let outer =
                        inner(&mut file.messages, parent).ok_or_else(|| Error::NoParent {
                            name: full_name(package, name),
                            parent: full_name(package, parent),
                        })?;
                    (&mut outer.messages, &mut outer.enums)
                }
            };
            match item {
                Item::Message(it) => messages.push(it),
                Item::Enum(it) => enums.push(it),
            }
        }
        Ok(())
    }
}

/// The message of that name, with dots, among `messages`.
fn inner<'a>(messages: &'a mut [Message], name: &str) -> Option<&'a mut Message> {
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    let message = messages.iter_mut().find(|it| it.name == first)?;
    match rest {
        Some(rest) => inner(&mut message.messages, rest),
        None => Some(message),
    }
}
