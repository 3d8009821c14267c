//! Real files, imported, compiled, and described again: the same, but for what was named.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use prost_types::FileDescriptorProto;
use protox::Compiler;
use traitwire_import::import;

use crate::{
    comments::{comments, names},
    compared::{lost, plain, without_the_rest},
    paths,
    program::{described, sources_of},
};

/// Files that are imported together.
struct Set {
    includes: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

/// All files below the folders.
fn all(includes: &[PathBuf]) -> Set {
    let mut files = Vec::new();
    includes.iter().for_each(|folder| find(folder, &mut files));
    files.sort();
    Set { includes: includes.to_vec(), files }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|it| it == "proto") {
            files.push(path);
        }
    }
}

/// Each file below the folder as a set of its own.
fn each(folder: &str) -> Vec<Set> {
    let all = all(&[PathBuf::from(folder)]);
    let one = |file| Set { includes: all.includes.clone(), files: vec![file] };
    all.files.into_iter().map(one).collect()
}

#[test]
fn our_own_files() {
    let mut sets = each("tests/proto");
    let two = paths(&["tests/proto/awkward/names.proto", "tests/proto/no_package.proto"]);
    sets.push(Set { includes: paths(&["tests/proto"]), files: two });
    assert_same("own", sets);
}

#[test]
fn the_contracts_of_the_book() {
    let folders = fs::read_dir("../proto").expect("it is there");
    let sets = folders.map(|it| all(&[it.expect("it can be read").path()]));
    assert_same("book", sets.collect());
}

#[test]
fn files_of_grpc_and_of_google() {
    let folder = |package: &str, inner: &str| all(&[sources_of(package).join(inner)]);
    let mut sets = vec![
        all(&["../tests/interop/proto".into()]),
        all(&["../tests/contract/proto".into()]),
        folder("tonic-types", "proto"),
        folder("tonic-reflection", "proto"),
    ];
    let unittests = sources_of("protox").join("tests/data/google");
    for file in ["google_unittest_custom_options", "unittest_preserve_unknown_enum2"] {
        let file = unittests.join(file).with_extension("proto");
        sets.push(Set { includes: vec![unittests.clone()], files: vec![file] });
    }
    assert_same("grpc", sets);
}

/// What grpc-js brings along, where `tests/peers/install.sh node` has installed it.
#[test]
fn channelz_and_orca() {
    let folder = Path::new("../target/peers/node/node_modules/@grpc/grpc-js/proto");
    if !folder.exists() {
        let line = "skipped: channelz_and_orca: grpc-js is not installed\n";
        // Without an output there is nobody to tell.
        let _ = io::stderr().write_all(line.as_bytes());
        return;
    }
    let includes = ["", "xds", "protoc-gen-validate"].map(|inner| folder.join(inner));
    let files = ["channelz.proto", "xds/xds/service/orca/v3/orca.proto"];
    let files = files.map(|file| folder.join(file)).to_vec();
    assert_same("peers", vec![Set { includes: includes.to_vec(), files }]);
}

/// Folders of yours: `IMPORT=proto:third_party cargo test -p traitwire-import named`.
#[test]
fn folders_that_are_named() {
    let Some(folders) = env::var_os("IMPORT") else { return };
    assert_same("named", vec![all(&env::split_paths(&folders).collect::<Vec<_>>())]);
}

fn assert_same(name: &str, sets: Vec<Set>) {
    assert!(!sets.is_empty());
    let imported: Vec<_> = sets
        .iter()
        .map(|set| import(&set.files, &set.includes).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let described = described(name, &imported);
    for ((set, imported), described) in sets.iter().zip(&imported).zip(described) {
        let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in imported.left_out() {
            let mut parts = line.splitn(3, ':');
            let (file, what) = (parts.next(), parts.nth(1).map(str::trim_start));
            let (Some(file), Some(what)) = (file, what) else { panic!("{line}") };
            left_out.entry(file.to_owned()).or_default().push(what.to_owned());
        }
        let originals = originals(set);
        let lost: Vec<_> = originals.values().flat_map(lost).collect();
        let ours: BTreeMap<_, _> =
            described.file.into_iter().map(|it| (it.name().to_owned(), it)).collect();
        for file in asked(set) {
            let named = left_out.remove(&file).unwrap_or_default();
            let ours = ours.get(&file).cloned().unwrap_or_else(|| nothing(&originals[&file]));
            assert_file(originals[&file].clone(), ours, named, &lost);
        }
    }
}

/// A file of which nothing is left.
fn nothing(original: &FileDescriptorProto) -> FileDescriptorProto {
    FileDescriptorProto {
        name: original.name.clone(),
        package: original.package.clone(),
        options: original.options.clone(),
        syntax: Some("proto3".to_owned()),
        ..FileDescriptorProto::default()
    }
}

#[track_caller]
fn assert_file(
    mut original: FileDescriptorProto,
    ours: FileDescriptorProto,
    mut named: Vec<String>,
    lost: &[String],
) {
    let file = original.name().to_owned();
    assert_eq!(comments_of(&original, &ours), comments(&ours), "{file}");
    let mut expected = without_the_rest(&mut original, &ours.dependency, lost);
    // Descriptors of prost_types have no custom options and no features.
    named.retain(|it| !it.starts_with("option `(") && !it.starts_with("option `features`"));
    named.sort();
    expected.sort();
    let unexpected: Vec<_> = named.iter().filter(|it| !expected.contains(it)).collect();
    let unnamed: Vec<_> = expected.iter().filter(|it| !named.contains(it)).collect();
    assert!(named == expected, "{file}: unexpected {unexpected:#?}, not named {unnamed:#?}");
    let (original, ours) = (plain(original), plain(ours));
    assert!(original == ours, "{file}: {}", difference(&original, &ours));
}

/// Where two files begin to differ.
fn difference(one: &FileDescriptorProto, other: &FileDescriptorProto) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let lines = text.lines().skip(same.saturating_sub(40)).take(60);
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    format!("the .proto has\n{}\nand the Rust has\n{}", around(&one), around(&other))
}

/// The comments of what is left.
fn comments_of(
    original: &FileDescriptorProto,
    ours: &FileDescriptorProto,
) -> BTreeMap<String, String> {
    let is_left = |name: &String| names(ours).contains(name);
    comments(original).into_iter().filter(|(name, _)| is_left(name)).collect()
}

fn compiler(set: &Set) -> Compiler {
    let mut compiler = Compiler::new(&set.includes).expect("the folders are there");
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&set.files).unwrap_or_else(|error| panic!("{error:?}"));
    compiler
}

fn originals(set: &Set) -> BTreeMap<String, FileDescriptorProto> {
    let files = compiler(set).file_descriptor_set().file;
    files.into_iter().map(|it| (it.name().to_owned(), it)).collect()
}

fn asked(set: &Set) -> Vec<String> {
    let compiler = compiler(set);
    compiler.files().filter(|it| !it.is_import()).map(|it| it.name().to_owned()).collect()
}
