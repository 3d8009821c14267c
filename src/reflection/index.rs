//! Which file declares what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use prost::{DecodeError, Message};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::{
    ServiceDescriptor,
    describe::full_name,
    schema::{Error, Schema},
};

/// The files of some services.
#[derive(Default)]
pub(super) struct Index {
    services: BTreeSet<String>,
    /// By their names.
    files: HashMap<String, Bytes>,
    /// The file of each thing that has a full name.
    symbols: HashMap<String, String>,
    /// The file of each extension of a message, by the message and the number.
    extensions: BTreeMap<(String, i32), String>,
}

/// A `google.protobuf.FileDescriptorSet` whose files are left as they are: options that prost does not know are lost
/// when it reads them.
#[derive(Clone, PartialEq, Message)]
struct FileSet {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    file: Vec<Bytes>,
}

impl Index {
    pub(super) fn of(services: &[&'static ServiceDescriptor]) -> Result<Self, Error> {
        let mut index = Self::default();
        let mut described = Vec::new();
        for service in services {
            match service.descriptor_set {
                Some(set) => index.add_set(set).map_err(|error| {
                    let what = format!("the descriptor set of {}", service.full_name());
                    Error::invalid(&what, error.to_string())
                })?,
                None => described.push(*service),
            }
        }
        for file in Schema::of(&described)?.file_descriptor_set().file {
            index.add(file.encode_to_vec().into(), &file);
        }
        index.name(services.iter().map(|it| it.full_name()));
        Ok(index)
    }

    /// Lists services.
    pub(super) fn name(&mut self, services: impl Iterator<Item = String>) {
        self.services.extend(services);
    }

    fn add_set(&mut self, set: &'static [u8]) -> Result<(), DecodeError> {
        for bytes in FileSet::decode(Bytes::from_static(set))?.file {
            let file = FileDescriptorProto::decode(bytes.clone())?;
            self.add(bytes, &file);
        }
        Ok(())
    }

    /// Adds a file, unless it is there.
    fn add(&mut self, bytes: Bytes, file: &FileDescriptorProto) {
        if self.files.contains_key(file.name()) {
            return;
        }
        self.files.insert(file.name().to_owned(), bytes);
        let mut part = Part { index: self, file: file.name() };
        let package = file.package();
        part.messages(package, &file.message_type);
        part.enums(package, &file.enum_type);
        part.extensions(package, &file.extension);
        for service in &file.service {
            let name = part.symbol(package, service.name());
            for method in &service.method {
                part.symbol(&name, method.name());
            }
        }
    }

    pub(super) fn services(&self) -> &BTreeSet<String> {
        &self.services
    }

    pub(super) fn file(&self, name: &str) -> Option<Bytes> {
        self.files.get(name).cloned()
    }

    /// The file of a thing.
    pub(super) fn file_of(&self, symbol: &str) -> Option<Bytes> {
        self.file(self.symbols.get(symbol)?)
    }

    pub(super) fn file_of_extension(&self, message: &str, number: i32) -> Option<Bytes> {
        self.file(self.extensions.get(&(message.to_owned(), number))?)
    }

    /// The numbers of all extensions of a message, if there is such a message.
    pub(super) fn extensions(&self, message: &str) -> Option<Vec<i32>> {
        self.symbols.get(message)?;
        let all = (message.to_owned(), i32::MIN)..=(message.to_owned(), i32::MAX);
        Some(self.extensions.range(all).map(|((_, number), _)| *number).collect())
    }
}

/// A file on its way into the index.
struct Part<'a> {
    index: &'a mut Index,
    file: &'a str,
}

impl Part<'_> {
    /// Notes a thing, and gives its full name.
    fn symbol(&mut self, scope: &str, name: &str) -> String {
        let name = full_name(scope, name);
        self.index.symbols.insert(name.clone(), self.file.to_owned());
        name
    }

    fn messages(&mut self, scope: &str, messages: &[DescriptorProto]) {
        for message in messages {
            let name = self.symbol(scope, message.name());
            for field in &message.field {
                self.symbol(&name, field.name());
            }
            for oneof in &message.oneof_decl {
                self.symbol(&name, oneof.name());
            }
            self.messages(&name, &message.nested_type);
            self.enums(&name, &message.enum_type);
            self.extensions(&name, &message.extension);
        }
    }

    fn enums(&mut self, scope: &str, enums: &[EnumDescriptorProto]) {
        for it in enums {
            self.symbol(scope, it.name());
            // The values stand beside their enumeration, and not in it.
            for value in &it.value {
                self.symbol(scope, value.name());
            }
        }
    }

    fn extensions(&mut self, scope: &str, extensions: &[FieldDescriptorProto]) {
        for extension in extensions {
            self.symbol(scope, extension.name());
            let extended = extension.extendee().trim_start_matches('.').to_owned();
            let key = (extended, extension.number());
            self.index.extensions.insert(key, self.file.to_owned());
        }
    }
}
