//! Google's own compiler reads the text, where it is installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use prost::Message;
use prost_types::FileDescriptorSet;
use traitwire::schema::Schema;

use crate::{comments, kinds, peers, round_trip::Random, without_places};

/// `protoc`, or the one that Python's grpcio-tools bring along: a program, and its first words.
type Protoc = (PathBuf, &'static [&'static str]);

fn protoc() -> Option<Protoc> {
    match peers::on_the_path("protoc") {
        Some(protoc) => Some((protoc, &[])),
        None => Some((peers::python("grpc_tools")?, &["-m", "grpc_tools.protoc"])),
    }
}

/// What protoc makes of the text of `schema`.
fn compiled((program, words): &Protoc, schema: &Schema, folder: &Path) -> FileDescriptorSet {
    for file in schema.files() {
        let path = folder.join(file.name());
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, file.to_string()).expect("a file");
    }
    let set = folder.join("set.bin");
    let mut protoc = Command::new(program);
    protoc
        .args(*words)
        .arg("-I")
        .arg(folder)
        .arg("--include_source_info")
        .arg("--descriptor_set_out")
        .arg(&set);
    let output = protoc.args(schema.files().map(|file| file.name())).output();
    let output = output.expect("protoc runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}\n{schema}");
    FileDescriptorSet::decode(fs::read(set).expect("the set").as_slice()).expect("a set")
}

fn assert_reads_back(protoc: &Protoc, schema: &Schema, name: &str) {
    let theirs = compiled(protoc, schema, &peers::folder(name));
    let ours = schema.file_descriptor_set();
    for theirs in &theirs.file {
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
    for seed in 1000..1020 {
        let schema = Schema::from_file_descriptor_set(&Random(seed).set()).unwrap();
        assert_reads_back(&protoc, &schema, &format!("protoc-{seed}"));
    }
}
