//! From files to descriptors, by protox.

use std::{
    error, fmt, fs,
    path::{Path, PathBuf},
};

use protox::{
    Compiler,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver},
    prost_reflect::DescriptorPool,
};

/// What a user has to mend in a `.proto`, or in the command line.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Error {}

/// Everything that was read, and the names of the files that were asked for.
pub(crate) struct Compiled {
    pub(crate) pool: DescriptorPool,
    pub(crate) asked: Vec<String>,
}

/// Reads `files` and what they import from the folders in `includes`; without any, from the folders
/// that the files are in.
pub(crate) fn compile(files: &[PathBuf], includes: &[PathBuf]) -> Result<Compiled, Error> {
    let mut folders = includes.to_vec();
    if folders.is_empty() {
        for folder in files.iter().filter_map(|file| file.parent()) {
            let here = folder.as_os_str().is_empty();
            let folder = if here { PathBuf::from(".") } else { folder.to_owned() };
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    let say = |error: protox::Error| {
        let mut text = format!("{error:?}");
        // What is wrong at the end of a file has no place in it.
        if let Some(file) = error.file().filter(|file| !text.contains(file)) {
            text = format!("{file}: {text}");
        }
        if error.is_file_not_found() {
            let searched: Vec<_> = folders.iter().map(|it| it.display().to_string()).collect();
            text += &format!("; searched in {}; `-I DIR` adds a folder", searched.join(", "));
        }
        if text.contains("but found 'edition'") {
            text += "; editions are not read, only `syntax = \"proto3\"` and `\"proto2\"`";
        }
        Error(text)
    };
    let mut resolver = ChainFileResolver::new();
    folders.iter().for_each(|folder| resolver.add(Folder(folder.clone())));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for file in files {
        compiler.open_file(file).map_err(say)?;
    }
    let asked =
        compiler.files().filter(|it| !it.is_import()).map(|it| it.name().to_owned()).collect();
    Ok(Compiled { pool: compiler.descriptor_pool(), asked })
}

/// A folder of files, some of which an editor may have begun with a mark of their encoding: protobuf's
/// own compiler passes over it.
struct Folder(PathBuf);

impl Folder {
    fn plain(&self) -> IncludeFileResolver {
        IncludeFileResolver::new(self.0.clone())
    }
}

impl FileResolver for Folder {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.plain().resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let text = fs::read_to_string(self.0.join(name)).ok();
        match text.as_deref().and_then(|text| text.strip_prefix('\u{feff}')) {
            Some(text) => File::from_source(name, text),
            None => self.plain().open_file(name),
        }
    }
}
