//! The contract that comes out of the code is real protobuf, and does not change unseen.

mod attributes;
mod changes;
mod contract_first;
mod descriptors;
mod kinds;
mod large;
mod lock;
mod merge;
mod messages;
mod packages;
mod parsed;
mod peers;
mod protoc;
mod reflection;
mod refused;
mod round_trip;
mod short;
mod sources;

use std::collections::BTreeMap;

use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::{
    Compiler,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};
use traitwire::schema::Schema;

/// What an independent compiler makes of the text of `schema`.
fn compiled(schema: &Schema) -> FileDescriptorSet {
    struct Texts(BTreeMap<String, String>);

    impl FileResolver for Texts {
        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            let text = self.0.get(name).ok_or_else(|| protox::Error::file_not_found(name))?;
            File::from_source(name, text)
        }
    }

    let named = |file: &traitwire::schema::File| (file.name().to_owned(), file.to_string());
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts(schema.files().map(named).collect()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true);
    for file in schema.files() {
        if let Err(error) = compiler.open_file(file.name()) {
            panic!("{error:?}\n{file}");
        }
    }
    compiler.file_descriptor_set()
}

/// The compiler reads from the text what the schema says of itself, comments included.
fn assert_reads_back(schema: &Schema) {
    assert_same(schema, compiled(schema));
}

fn assert_same(schema: &Schema, compiled: FileDescriptorSet) {
    let by_name = |set: FileDescriptorSet| -> BTreeMap<String, FileDescriptorProto> {
        let own = set.file.into_iter().filter(|it| !it.name().starts_with("google/protobuf/"));
        own.map(|file| (file.name().to_owned(), file)).collect()
    };
    let (ours, theirs) = (by_name(schema.file_descriptor_set()), by_name(compiled));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, ours) in ours {
        let theirs = &theirs[&name];
        assert_eq!(comments(&ours), comments(theirs), "{schema}");
        assert_eq!(without_places(&ours), without_places(theirs), "{schema}");
    }
}

/// A file without where things stand in its text, and with one form for floating-point defaults,
/// which compilers write in their own ways.
fn without_places(file: &FileDescriptorProto) -> FileDescriptorProto {
    let mut file = FileDescriptorProto { source_code_info: None, ..file.clone() };
    round_trip::plain_defaults(&mut file.message_type);
    file
}

/// The comments of a file by the paths of what they belong to.
fn comments(file: &FileDescriptorProto) -> BTreeMap<Vec<i32>, String> {
    /// `syntax`: its comment is the name of the file.
    const SYNTAX: [i32; 1] = [12];
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    locations
        .filter(|location| location.path != SYNTAX)
        .filter_map(|it| Some((it.path.clone(), it.leading_comments.clone()?)))
        .collect()
}
