//! Google's own compiler reads the text, and so does buf's, where they are installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use prost::Message;
use prost_types::FileDescriptorSet;
use traitwire::schema::Schema;

use crate::{comments, kinds, peers, round_trip::schema, without_places};

/// `protoc`, or the one that Python's grpcio-tools bring along: a program, and its first words.
type Protoc = (PathBuf, &'static [&'static str]);

fn protoc() -> Option<Protoc> {
    match peers::on_the_path("protoc") {
        Some(protoc) => Some((protoc, &[])),
        None => Some((peers::python("grpc_tools")?, &["-m", "grpc_tools.protoc"])),
    }
}

/// Lays the files of `schema` out.
fn write(schema: &Schema, folder: &Path) {
    for file in schema.files() {
        let path = folder.join(file.name());
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, file.to_string()).expect("a file");
    }
}

/// What protoc makes of the text of `schema`.
fn compiled((program, words): &Protoc, schema: &Schema, folder: &Path) -> FileDescriptorSet {
    write(schema, folder);
    let set = folder.join("set.bin");
    let mut protoc = Command::new(program);
    protoc
        .args(*words)
        .arg("-I")
        .arg(folder)
        .arg("--include_source_info")
        .arg("--descriptor_set_out")
        .arg(&set);
    protoc.args(schema.files().map(|file| file.name()));
    run(&mut protoc, schema);
    decoded(&set)
}

fn run(compiler: &mut Command, schema: &Schema) {
    let output = compiler.output().expect("the compiler runs");
    let errors = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}\n{schema}");
}

fn decoded(set: &Path) -> FileDescriptorSet {
    FileDescriptorSet::decode(fs::read(set).expect("the set").as_slice()).expect("a set")
}

fn assert_reads_back(protoc: &Protoc, schema: &Schema, name: &str) {
    let theirs = compiled(protoc, schema, &peers::folder(name));
    assert_same(schema, &theirs);
    // Also as it is written in a default.
    let ours = schema.file_descriptor_set();
    for theirs in &theirs.file {
        let ours = ours.file.iter().find(|it| it.name() == theirs.name()).expect("the file");
        assert_eq!(ours.message_type, theirs.message_type, "{schema}");
    }
}

fn assert_same(schema: &Schema, theirs: &FileDescriptorSet) {
    let ours = schema.file_descriptor_set();
    let own = theirs.file.iter().filter(|it| schema.files().any(|file| file.name() == it.name()));
    for theirs in own {
        let ours = ours.file.iter().find(|it| it.name() == theirs.name()).expect("the file");
        assert_eq!(without_places(ours), without_places(theirs), "{schema}");
        assert_eq!(comments(ours), comments(theirs), "{schema}");
    }
}

#[test]
fn protoc_reads_every_kind_back() {
    let Some(protoc) = protoc() else { return };
    assert_reads_back(&protoc, &kinds::schema(), "protoc-kinds");
}

#[test]
fn protoc_reads_random_schemas_back() {
    let Some(protoc) = protoc() else { return };
    for (seed, schema) in schemas().take(20) {
        assert_reads_back(&protoc, &schema, &format!("protoc-{seed}"));
    }
}

fn schemas() -> impl Iterator<Item = (u64, Schema)> {
    (0..).filter_map(|seed| Some((seed, schema(seed)?.1)))
}

#[test]
fn buf_reads_random_schemas_back() {
    let Some(buf) = peers::find("buf") else { return };
    for (seed, schema) in schemas().take(40) {
        let folder = peers::folder(&format!("buf-{seed}"));
        write(&schema, &folder);
        let set = folder.join("set.binpb");
        run(Command::new(&buf).arg("build").arg(&folder).arg("-o").arg(&set), &schema);
        assert_same(&schema, &decoded(&set));
    }
}
