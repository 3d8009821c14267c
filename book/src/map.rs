//! The parts of the book as `SUMMARY.md` has them, and their picture, which opens each part.

use std::{
    fmt::{Display, Write},
    path::{Path, PathBuf},
};

use anyhow::Result;
use mdbook_driver::book::{BookItem, Chapter};

use crate::{Problem, Project, edition::Words};

/// A part of the book: a heading of `SUMMARY.md`, and the pages below it.
#[derive(Debug)]
pub struct Part {
    /// Its heading.
    pub title: String,
    /// Its pages at the first level.
    pub pages: Vec<Entry>,
}

/// A page as `SUMMARY.md` lists it.
#[derive(Debug)]
pub struct Entry {
    /// What it is called there.
    pub title: String,
    /// Relative to the sources of the book.
    pub path: PathBuf,
}

/// The parts, in their order.
pub fn parts(project: &Project) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut open = false;
    for item in project.book()?.book.items {
        match item {
            BookItem::PartTitle(title) => {
                open = true;
                parts.push(Part { title, pages: Vec::new() });
            }
            BookItem::Separator => open = false,
            BookItem::Chapter(Chapter { name, source_path: Some(path), .. }) if open => {
                let part = parts.last_mut().expect("one is open");
                part.pages.push(Entry { title: name, path });
            }
            BookItem::Chapter(_) => {}
        }
    }
    Ok(parts)
}

/// `02-pow.md`, or a page in the folder `02-pow`, belongs to the example `02_pow`.
pub fn example_of(path: &Path) -> Option<String> {
    let first = Path::new(path.components().next()?.as_os_str());
    let name = first.file_stem()?.to_str()?;
    let numbered = name.get(..3).is_some_and(|start| {
        start.ends_with('-') && start[..2].chars().all(|it| it.is_ascii_digit())
    });
    numbered.then(|| name.replace('-', "_"))
}

const WIDTH: usize = 360;
/// The height of a part that is shown by its numbers, and of a chapter in the one that is open.
const CLOSED: usize = 54;
const LINE: usize = 24;

/// The parts, the one with this page open. No line of it is empty: Markdown would take that for the
/// end.
pub fn draw(parts: &[Part], page: &Path, words: Words) -> Result<String, Problem> {
    let is_here = |part: &Part| part.pages.iter().any(|entry| entry.path == page);
    if !parts.iter().any(is_here) {
        let what = "a map on a page that is in no part";
        return Err(Problem::new(what, "list the page in SUMMARY.md below a `# Part`"));
    }
    let mut body = String::new();
    let mut add = |it: &dyn Display| writeln!(body, "{it}").expect("a string takes everything");
    let mut top = 2;
    for part in parts {
        let chapters = part.pages.iter().filter(|it| example_of(&it.path).is_some());
        let (height, stroke) = match is_here(part) {
            true => (38 + LINE * chapters.clone().count(), 2.5),
            false => (CLOSED, 1.0),
        };
        add(&format_args!(
            r#"<rect x="2" y="{top}" width="{}" height="{height}" rx="6" fill="var(--quote-bg, #f4f4f0)" stroke="currentColor" stroke-width="{stroke}"/>"#,
            WIDTH - 4
        ));
        let weight = if is_here(part) { 700 } else { 400 };
        let title = escaped(&part.title);
        let line = top + 23;
        add(&format_args!(r#"<text x="14" y="{line}" font-weight="{weight}">{title}</text>"#));
        if is_here(part) {
            let (right, here) = (WIDTH - 14, words.here);
            add(&format_args!(
                r#"<text x="{right}" y="{line}" text-anchor="end" font-size="12">◂ {here}</text>"#
            ));
            for (index, chapter) in chapters.enumerate() {
                let (y, title) = (line + 2 + LINE * (index + 1), escaped(&chapter.title));
                add(&format_args!(r#"<text x="28" y="{y}" font-size="13">{title}</text>"#));
            }
        } else {
            for (index, chapter) in chapters.enumerate() {
                let number: String = chapter.title.chars().take(2).collect();
                let (x, y) = (28 + 32 * index, line + 20);
                add(&format_args!(r#"<text x="{x}" y="{y}" font-size="12">{number}</text>"#));
            }
        }
        top += height + 8;
    }
    let title = words.map;
    let told = parts.iter().map(|part| {
        let here = if is_here(part) { format!(" ({})", words.here) } else { String::new() };
        let chapters = part.pages.iter().filter(|it| example_of(&it.path).is_some());
        let titles: Vec<_> = chapters.map(|it| escaped(&it.title)).collect();
        format!("{}{here}: {}.", escaped(&part.title), titles.join(", "))
    });
    let told: Vec<_> = told.collect();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" width=\"{WIDTH}\" \
         role=\"img\" font-family=\"sans-serif\" font-size=\"15\" fill=\"currentColor\">\n\
         <title>{title}</title>\n<desc>{}</desc>\n{body}</svg>\n",
        told.join(" ")
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
