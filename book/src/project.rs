//! The project that the book is about: where it lies, its packages, and the configuration.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mdbook_driver::{
    MDBook,
    config::{Config, HtmlConfig},
};
use serde::Deserialize;
use toml::Spanned;

use crate::{markdown, packages::Packages};

/// Where the checks are told what they let pass.
pub const EXCEPTIONS: &str = "book/exceptions.toml";

/// A project with a book in it.
pub struct Project {
    /// Its folder, which has `mdbook.toml`.
    pub root: PathBuf,
    /// What `mdbook.toml` and the environment say.
    pub config: Config,
    /// What the checks let pass.
    pub exceptions: Exceptions,
    /// The locked packages.
    pub packages: Packages,
}

/// What the checks let pass, with reasons: `book/exceptions.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exceptions {
    /// Commands, and what runs them.
    pub command: Vec<Spanned<RunBy>>,
    /// Code blocks that are no include.
    pub fragment: Vec<Spanned<Fragment>>,
}

/// A command of the book that is run under another form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunBy {
    /// The command, as the page shows it.
    pub run: String,
    /// The file of the test or step that runs it.
    pub by: PathBuf,
    /// What that file must contain for this to be true.
    pub contains: String,
}

/// A code block that is written in the page itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragment {
    /// The page, relative to the sources of the book.
    pub page: PathBuf,
    /// The first line of the block.
    pub starts: String,
    /// Why it is no include.
    pub why: String,
}

/// A page of the book as its author wrote it.
pub struct Page {
    /// Relative to the root of the project.
    pub file: PathBuf,
    /// Relative to the sources of the book.
    pub path: PathBuf,
    /// The Markdown.
    pub text: String,
}

impl Project {
    /// Reads the project at this folder.
    pub fn open(root: &Path) -> Result<Self> {
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        let mut config = Config::from_disk(root.join("mdbook.toml"))?;
        config.update_from_env()?;
        // mdBook falls back to its defaults when it cannot read this table.
        config.get::<HtmlConfig>("output.html").context("mdbook.toml: [output.html]")?;
        let exceptions = match fs::read_to_string(root.join(EXCEPTIONS)) {
            Ok(text) => toml::from_str(&text).context(EXCEPTIONS)?,
            Err(_) => Exceptions::default(),
        };
        let packages = Packages::of(&root)?;
        Ok(Self { root, config, exceptions, packages })
    }

    /// The book, with nothing expanded yet.
    pub fn book(&self) -> Result<MDBook> {
        MDBook::load_with_config(&self.root, self.config.clone())
    }

    /// The pages that SUMMARY.md lists, and SUMMARY.md itself at the end.
    pub fn pages(&self) -> Result<Vec<Page>> {
        let book = self.book()?;
        let paths = book.book.chapters().filter_map(|chapter| chapter.source_path.clone());
        paths.chain([PathBuf::from("SUMMARY.md")]).map(|path| self.page(path)).collect()
    }

    /// What SUMMARY.md calls each page.
    pub fn listed(&self) -> Result<Vec<(String, PathBuf)>> {
        let book = self.book()?;
        let chapters = book.book.chapters();
        Ok(chapters.filter_map(|it| Some((it.name.clone(), it.source_path.clone()?))).collect())
    }

    /// A page, by its path in the sources of the book.
    fn page(&self, path: PathBuf) -> Result<Page> {
        let file = self.config.book.src.join(&path);
        let text = self.read(&file).with_context(|| file.display().to_string())?;
        Ok(Page { file, path, text })
    }

    /// A file of the project.
    pub fn read(&self, file: &Path) -> std::io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }
}

impl Exceptions {
    /// The line of an entry in the file.
    pub fn line_of<T>(root: &Path, entry: &Spanned<T>) -> usize {
        let text = fs::read_to_string(root.join(EXCEPTIONS)).unwrap_or_default();
        markdown::line_at(&text, entry.span().start)
    }
}
