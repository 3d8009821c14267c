//! What the messages mean, when there is a `.proto` that says so.

use std::fmt;

use prost_reflect::{DescriptorPool, MessageDescriptor};
use protox::{
    Compiler,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

use crate::Side;

/// The services and messages of some `.proto` files; none at all by default.
#[derive(Clone, Debug, Default)]
pub struct Schema(DescriptorPool);

/// A `.proto` that cannot be understood: one line that says where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl Schema {
    /// Reads `.proto` files, each with its name and its text. They may import each other by name,
    /// and the files of `google/protobuf`.
    ///
    /// A text may be several files one after the other, each behind a line with its name, as
    /// `// orders.proto`: what `-- proto` of an example prints.
    pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut files: Vec<(String, String)> = Vec::new();
        for (name, text) in texts {
            let mut own = (name.to_owned(), String::new());
            for line in text.split_inclusive('\n') {
                if let Some(name) = name_in(line) {
                    files.push(std::mem::replace(&mut own, (name.to_owned(), String::new())));
                }
                own.1.push_str(line);
            }
            files.push(own);
        }
        files.retain(|(_, text)| !text.trim().is_empty());

        let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let mut resolver = ChainFileResolver::new();
        resolver.add(Texts(files));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        for name in names {
            let opened = compiler.open_file(name);
            // The longer form has the line and the column.
            opened.map_err(|error| Error(format!("{error:?}")))?;
        }
        Ok(Self(compiler.descriptor_pool()))
    }

    /// The messages that a side sends in a call with this `:path`.
    pub fn message(&self, path: &str, from: Side) -> Option<MessageDescriptor> {
        let (service, method) = path.strip_prefix('/')?.rsplit_once('/')?;
        let service = self.0.get_service_by_name(service)?;
        let method = service.methods().find(|it| it.name() == method)?;
        Some(match from {
            Side::Client => method.input(),
            Side::Server => method.output(),
        })
    }
}

/// The name in `// orders.proto`.
fn name_in(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("// ").filter(|it| it.ends_with(".proto") && !it.contains(' '))
}

struct Texts(Vec<(String, String)>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.iter().find(|(file, _)| file == name) {
            Some((_, text)) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}
