//! From the text of files to a schema, by an independent compiler.

use protox::{
    Compiler,
    file::{ChainFileResolver, File as Source, FileResolver, GoogleFileResolver},
};

use super::{Error, Schema};

impl Schema {
    /// Reads what a schema is shown as: files, each with its name in a comment on its first line.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] says file and line of what is not protobuf.
    ///
    /// ```
    /// # use traitwire::{Status, schema::Schema, service};
    /// #[service(package = "words")]
    /// pub trait Words {
    ///     async fn count(&self, text: String) -> Result<u32, Status>;
    /// }
    ///
    /// let schema = Schema::of(&[&WORDS])?;
    /// assert_eq!(Schema::parse(&schema.to_string())?, schema);
    ///
    /// let error = Schema::parse("// a.proto\nsyntax = \"proto3\";\nmessage {}\n").unwrap_err();
    /// assert!(error.to_string().starts_with("a.proto:3:9: "), "{error}");
    /// # Ok::<(), traitwire::schema::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut files: Vec<(String, String)> = Vec::new();
        let mut lines = text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            // A comment may have such a line too, but not before this word.
            let begins = lines.peek().is_some_and(|next| next.starts_with("syntax ="));
            match (file_name(line).filter(|_| begins), files.last_mut()) {
                (Some(name), _) => files.push((name.to_owned(), line.to_owned())),
                (None, Some((_, text))) => text.push_str(line),
                // What a lock writes in front.
                (None, None) if line.starts_with("//") || line.trim().is_empty() => {}
                (None, None) => {
                    let message = "line 1: expected the name of a file: `// orders.proto`";
                    return Err(Error::Unreadable { message: message.to_owned() });
                }
            }
        }
        Self::of_sources(files)
    }

    /// The schema of files, each with its name and its text.
    pub(super) fn of_sources(files: Vec<(String, String)>) -> Result<Self, Error> {
        let unreadable = |error: protox::Error| Error::Unreadable { message: format!("{error:?}") };
        let names: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
        let mut resolver = ChainFileResolver::new();
        resolver.add(Texts(files));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true).include_source_info(true);
        for name in names {
            compiler.open_file(name).map_err(unreadable)?;
        }
        Self::from_file_descriptor_set(&compiler.file_descriptor_set())
    }
}

/// The name in `// orders.proto`.
fn file_name(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("// ").filter(|it| it.ends_with(".proto") && !it.contains(' '))
}

struct Texts(Vec<(String, String)>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<Source, protox::Error> {
        match self.0.iter().find(|(file, _)| file == name) {
            Some((name, text)) => Source::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}
