//! The preprocessor: expanded pages in place of those that were written.
//!
//! [`crate::make`] runs it in process. Stock mdBook runs it as a command, as `mdbook.toml` says, and
//! gets the same pages; the checks of the sources run there too.

use std::io;

use anyhow::{Result, ensure};
use mdbook_driver::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use crate::{Faults, Project, checks, edition::Edition, expand::Expanded};

/// The name of its table in `mdbook.toml`.
pub const NAME: &str = "traitwire";

impl Preprocessor for Expanded {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_ref();
            if let Some(text) = path.and_then(|path| self.texts.get(path)) {
                chapter.content.clone_from(text);
            }
        });
        Ok(book)
    }
}

/// What stock mdBook calls: a book comes in, and goes out expanded.
pub fn command() -> Result<()> {
    let (context, book) = parse_input(io::stdin())?;
    let mut project = Project::open(&context.root)?;
    let copy = project.read("book.toml".as_ref()).unwrap_or_default();
    ensure!(
        copy == project.read("mdbook.toml".as_ref())?,
        "book.toml is no copy of mdbook.toml; cp mdbook.toml book.toml"
    );
    project.config = context.config.clone();
    let pages = project.pages()?;
    let expanded = Expanded::of(&project, &pages, Edition::Web)?;
    Faults::check(checks::sources(&project, &pages, &expanded)?)?;
    let book = expanded.run(&context, book)?;
    serde_json::to_writer(io::stdout(), &book)?;
    Ok(())
}
