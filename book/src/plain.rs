//! The book as plain Markdown, with code, outputs and drawings in place, for those who browse the
//! project and build nothing. It is kept in the tree; a test compares it with the sources.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{Faults, Project, edition::Edition, expand::Expanded, project::Page};

/// Where the edition of each language lies.
const FOLDER: &str = "book/read";

/// The folder of this edition, relative to the root of the project.
pub fn folder(project: &Project) -> PathBuf {
    Path::new(FOLDER).join(project.config.book.src.file_name().unwrap_or_default())
}

/// All files of the edition, by their path in its folder.
pub fn files(project: &Project) -> Result<BTreeMap<PathBuf, String>> {
    let pages = project.pages()?;
    let expanded = Expanded::of(project, &pages, Edition::Plain)?;
    Faults::check(expanded.faults)?;
    let mut files = expanded.drawings;
    let config = project.config.html_config().unwrap_or_default();
    let repository = config.git_repository_url.unwrap_or_default();
    let repository = format!("{}/blob/main/", repository.trim_end_matches('/'));
    let (summary, listed): (Vec<&Page>, Vec<&Page>) =
        pages.iter().partition(|page| page.path.ends_with("SUMMARY.md"));
    for (index, page) in listed.iter().enumerate() {
        let depth = folder(project).components().count() + page.path.components().count() - 1;
        let mut text = made(project);
        text += &rewritten(&expanded.texts[&page.path], &repository, &"../".repeat(depth));
        let up = "../".repeat(page.path.components().count() - 1);
        let link = |mark: &str, page: &Page| format!("[{mark}]({up}{})", page.path.display());
        let mut links = Vec::new();
        if let Some(before) = index.checked_sub(1) {
            links.push(link("←", listed[before]));
        }
        links.push(format!("[☰]({up}README.md)"));
        if let Some(next) = listed.get(index + 1) {
            links.push(link("→", next));
        }
        write!(text, "\n---\n\n{}\n", links.join(" · "))?;
        files.insert(page.path.clone(), text);
    }
    for summary in summary {
        let (title, rest) = summary.text.split_once('\n').unwrap_or((&summary.text, ""));
        let rest = rest.replace("\n# ", "\n## ").replace(")\n[", ")\\\n[");
        let text = format!("{}{title}\n{rest}", made(project));
        files.insert("README.md".into(), text);
    }
    Ok(files)
}

/// The first line of each page.
fn made(project: &Project) -> String {
    let source = project.config.book.src.display();
    format!("<!-- Made by `cargo xtask book --markdown`; change {source} instead. -->\n\n")
}

/// Writes the edition, and removes what is no longer a part of it.
pub fn write(project: &Project) -> Result<PathBuf> {
    let files = files(project)?;
    let folder = project.root.join(folder(project));
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    for (path, text) in &files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, text)?;
    }
    Ok(folder)
}

/// Ids of headings as anchors, and links to the project's own files as relative ones.
fn rewritten(text: &str, repository: &str, root: &str) -> String {
    let mut plain = String::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let start = line.trim_start_matches([' ', '>']);
        let ticks = &start[..start.len() - start.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks == open && start == ticks => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            _ => {}
        }
        let heading = line.starts_with('#').then(|| line.rsplit_once(" {#")).flatten();
        match heading.and_then(|(heading, id)| Some((heading, id.strip_suffix('}')?))) {
            Some((heading, id)) if fence.is_none() => {
                plain += &format!("<a id=\"{id}\"></a>\n\n{heading}\n");
            }
            _ if fence.is_none() => {
                plain += &line.replace(repository, root);
                plain.push('\n');
            }
            _ => {
                plain += line;
                plain.push('\n');
            }
        }
    }
    plain
}

/// Whether a drawing is on the page of this name.
pub(crate) fn is_of(drawing: &Path, page: &str) -> bool {
    let name = drawing.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next() == Some(page)
}

/// A drawing with colours of its own, where there is no page that has any.
pub(crate) fn standalone(svg: &str) -> String {
    const STYLE: &str = "<style>\
        svg { --bg: #fdfdfb; --quote-bg: #ecece6; background: #fdfdfb; color: #22272e; } \
        @media (prefers-color-scheme: dark) { \
        svg { --bg: #15181c; --quote-bg: #262b33; background: #15181c; color: #d5d9df; } }\
        </style>\n";
    let svg = match svg.contains("xmlns=") {
        true => svg.to_owned(),
        false => svg.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1),
    };
    match svg.find("<title") {
        Some(at) => format!("{}{STYLE}{}", &svg[..at], &svg[at..]),
        None => svg,
    }
}
