//! Makes the book: expands, checks, renders, and checks what was rendered.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::Result;
use tracing_subscriber::fmt::MakeWriter;

use crate::{Fault, Faults, Problem, Project, checks, edition::Edition, expand::Expanded};

/// Makes the book into its build folder, and tells all that is wrong with it. A book with faults is
/// written too, so that they can be looked at.
pub fn make(project: &Project) -> Result<PathBuf> {
    let pages = project.pages()?;
    let expanded = Expanded::of(project, &pages, Edition::Web)?;
    let mut faults = checks::sources(project, &pages, &expanded)?;
    let folder = project.root.join(&project.config.build.build_dir);
    match render(project, expanded) {
        // mdBook's complaints may come from what is known already.
        Ok(complaints) if faults.is_empty() => faults.extend(complaints),
        Ok(_) => {}
        Err(error) => {
            faults.push(complaint(&format!("{error:#}")));
            return Err(Faults::check(faults).expect_err("there is one").into());
        }
    }
    faults.extend(checks::html::check(project, &pages, &folder)?);
    Faults::check(faults)?;
    Ok(folder)
}

/// mdBook's part. It prints its warnings and goes on; here they are faults.
fn render(project: &Project, expanded: Expanded) -> Result<Vec<Fault>> {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(log.clone())
        .with_ansi(false)
        .with_target(false)
        .with_level(false)
        .without_time()
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let mut book = project.book()?;
        book.with_preprocessor(expanded);
        book.build()
    })?;
    let text = log.0.lock().expect("no writer panics");
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().map(complaint).collect())
}

/// mdBook names a page, and no line.
fn complaint(text: &str) -> Fault {
    let what = format!("mdBook says: {}", text.trim().replace('\n', " "));
    Problem::new(what, "see the page that it names").at(Path::new("mdbook.toml"), 1)
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
