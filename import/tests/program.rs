//! A program of what was imported, which says what its traits and messages describe.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use heck::ToShoutySnakeCase;
use prost::Message;
use prost_types::FileDescriptorSet;
use traitwire_import::Imported;

/// What this test is linked with, and the program is compiled against.
const LIBRARIES: &[&str] = &linked::libraries!();

/// The file of what keeps enumerations that no message has.
pub(crate) const ENUMERATIONS: &str = "enumerations.proto";

/// Compiles all of `imported` as one program, runs it, and gives the descriptors of each.
pub(crate) fn described(name: &str, imported: &[Imported]) -> Vec<FileDescriptorSet> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    let mut program = String::from("#![deny(warnings)]\n#![allow(dead_code)]\n\n");
    let mut calls = String::new();
    for (index, imported) in imported.iter().enumerate() {
        let module = format!("set{index}");
        let files: BTreeMap<_, _> = imported.files().into_iter().collect();
        let mut items = Items::default();
        items.read(&files, Path::new("mod.rs"), Path::new(""), &module);
        for (path, text) in files {
            let path = folder.join(&module).join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("it can be made");
            fs::write(path, text).expect("it can be written");
        }
        program += &format!("mod {module};\n");
        program += &items.keeping_enumerations(&module);
        calls += &items.call(&module);
    }
    program += &format!(
        "\nfn main() {{\n    let folder = std::env::args().nth(1).expect(\"a folder\");\n{calls}}}\n"
    );
    fs::write(folder.join("main.rs"), program).expect("it can be written");
    run(&folder);
    for index in 0..imported.len() {
        assert_formatted(&folder.join(format!("set{index}/mod.rs")));
    }
    let set =
        |index| fs::read(folder.join(format!("set{index}.bin"))).expect("it has been written");
    let sets = (0..imported.len()).map(|index| FileDescriptorSet::decode(&set(index)[..]));
    sets.collect::<Result<_, _>>().expect("it is one")
}

fn run(folder: &Path) {
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--crate-name=imported", "--out-dir"]).arg(folder);
    let output = rustc.args(LIBRARIES).arg(folder.join("main.rs")).output().expect("rustc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = Command::new(folder.join("imported")).arg(folder).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A module and those below it are as rustfmt leaves them, by its own settings.
fn assert_formatted(module: &Path) {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition=2024", "--config=use_small_heuristics=Default"]);
    let output = rustfmt.arg(module).output().expect("rustfmt runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// Paths of what one import has.
#[derive(Default)]
struct Items {
    services: Vec<String>,
    messages: Vec<String>,
    enumerations: Vec<String>,
}

impl Items {
    /// Finds the items of a file, which stand at the beginning of a line, and those of the modules
    /// that it declares. `module` is the path that others find them by.
    fn read(
        &mut self,
        files: &BTreeMap<PathBuf, String>,
        file: &Path,
        folder: &Path,
        module: &str,
    ) {
        let mut lines = files[file].lines();
        while let Some(line) = lines.next() {
            let after = |start: &str| line.strip_prefix(start).map(name);
            let inner = after("pub mod ");
            if let Some(name) = inner.as_deref().or(after("mod ").as_deref()) {
                let path = folder.join(name.trim_start_matches("r#"));
                // What a private module has is found in the one around it.
                let public = inner.as_ref().map(|name| format!("{module}::{name}"));
                let public = public.as_deref().unwrap_or(module);
                self.read(files, &path.with_extension("rs"), &path, public);
            } else if let Some(name) = after("pub trait ") {
                let name = name.trim_start_matches("r#").to_shouty_snake_case();
                self.services.push(format!("{module}::{name}"));
            } else if let Some(name) = after("pub struct ") {
                self.messages.push(format!("{module}::{name}"));
            } else if let Some(name) = after("pub enum ") {
                let used = format!("enumeration = {name}");
                let is_end = |rest: &str| !rest.starts_with(|it: char| it.is_alphanumeric());
                let is_used = files[file].split(&used).skip(1).any(is_end);
                let is_a_oneof = lines
                    .clone()
                    .take_while(|it| *it != "}")
                    .all(|it| !it.contains(" = ") || it.contains("#["));
                if !is_a_oneof && !is_used {
                    self.enumerations.push(format!("{module}::{name}"));
                }
            }
        }
    }

    /// A message with a field of each enumeration that its own file has no use for: a schema has what
    /// is used.
    fn keeping_enumerations(&self, module: &str) -> String {
        let fields = (1..).zip(&self.enumerations).map(|(number, path)| {
            format!("    #[tag({number}, enumeration = {path})]\n    it{number}: i32,\n")
        });
        let fields: String = fields.collect();
        let name = format!("Keep{module}");
        format!(
            "#[allow(deprecated)]\n#[traitwire::message(file = {ENUMERATIONS:?})]\nstruct {name} \
             {{\n{fields}}}\n"
        )
    }

    /// Writes the descriptors into a file.
    fn call(&self, module: &str) -> String {
        let services: Vec<_> = self.services.iter().map(|it| format!("&{it}")).collect();
        let kept = format!("Keep{module}");
        let messages: Vec<_> = self.messages.iter().chain([&kept]).collect();
        let messages: Vec<_> = messages
            .iter()
            .map(|it| format!("<{it} as traitwire::Describe>::DESCRIPTOR"))
            .collect();
        format!(
            "    #[allow(deprecated)]\n    let schema = traitwire::schema::Schema::with_messages(\n        \
             &[{}],\n        &[{}],\n    );\n    let set = match schema {{\n        \
             Ok(schema) => schema.file_descriptor_set(),\n        \
             Err(error) => panic!(\"{module}: {{error}}\"),\n    }};\n    \
             std::fs::write(format!(\"{{folder}}/{module}.bin\"), \
             prost::Message::encode_to_vec(&set)).unwrap();\n",
            services.join(", "),
            messages.join(", "),
        )
    }
}

/// The name that a line begins with.
fn name(line: &str) -> String {
    let end = line.find(|it: char| !it.is_alphanumeric() && !"_#".contains(it));
    line[..end.unwrap_or(line.len())].to_owned()
}

/// Where a package of the lock file has its sources.
pub(crate) fn sources_of(package: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(["metadata", "--format-version=1"]).output().expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("it is text");
    let paths = text.split("\"manifest_path\":\"").skip(1).filter_map(|it| it.split('"').next());
    let mut folders = paths.filter_map(|it| Path::new(it).parent().map(Path::to_owned));
    let is_it = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let version = name.strip_prefix(package).and_then(|it| it.strip_prefix('-'));
        version.is_some_and(|it| it.starts_with(|first: char| first.is_ascii_digit()))
    };
    folders.find(is_it).unwrap_or_else(|| panic!("{package} is not in the lock file"))
}
