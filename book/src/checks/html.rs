//! The rendered pages: links, fragments, images and redirects lead somewhere; a page is readable
//! without eyes; and nothing is fetched from elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Result;
use scraper::{ElementRef, Html, Selector};

use crate::{Fault, Problem, Project, markdown, project::Page};

/// The rendered book, by path in the build folder.
struct Site {
    folder: PathBuf,
    documents: BTreeMap<PathBuf, Html>,
    styles: BTreeMap<PathBuf, String>,
}

/// Looks through the build folder.
pub fn check(project: &Project, pages: &[Page], folder: &Path) -> Result<Vec<Fault>> {
    let mut site =
        Site { folder: folder.to_owned(), documents: BTreeMap::new(), styles: BTreeMap::new() };
    site.read(Path::new(""))?;
    let mut faults = Vec::new();
    for page in pages {
        let rendered = page.path.with_extension("html");
        // The pages that mdBook makes itself have no source.
        let Some(document) = site.documents.get(&rendered) else { continue };
        let mut add = |needle: &str, problem: Problem| {
            faults.push(problem.at(&page.file, markdown::line_of(&page.text, needle)));
        };
        site.links(&rendered, document, &mut add);
        references(document, &mut add);
        reading(document, &mut add);
        fetches(document, &mut add);
    }
    for (path, text) in &site.styles {
        for value in text.split("url(").skip(1).filter_map(|rest| rest.split(')').next()) {
            let value = value.trim_matches(['"', '\'', ' ']);
            if is_remote(value) {
                let problem = elsewhere(&format!("`{}`", path.display()), value);
                faults.push(problem.at("mdbook.toml".as_ref(), 1));
            }
        }
    }
    let config = project.config.html_config().unwrap_or_default();
    for (from, to) in &config.redirect {
        let base = Path::new(from.trim_start_matches('/')).to_owned();
        let Err(what) = site.target(&base, to) else { continue };
        let problem = Problem::new(format!("redirect to {what}"), "name a page that is there");
        let text = project.read("mdbook.toml".as_ref())?;
        faults.push(problem.at("mdbook.toml".as_ref(), markdown::line_of(&text, from)));
    }
    Ok(faults)
}

impl Site {
    fn read(&mut self, below: &Path) -> Result<()> {
        for entry in fs::read_dir(self.folder.join(below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            match path.extension().and_then(|it| it.to_str()) {
                _ if entry.file_type()?.is_dir() => self.read(&path)?,
                Some("html") => {
                    let document = Html::parse_document(&fs::read_to_string(entry.path())?);
                    self.documents.insert(path, document);
                }
                Some("css") => {
                    self.styles.insert(path, fs::read_to_string(entry.path())?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn links(&self, page: &Path, document: &Html, add: &mut impl FnMut(&str, Problem)) {
        for (selector, attribute) in [(&*ANCHORS, "href"), (&*IMAGES, "src")] {
            for link in document.select(selector).filter_map(|it| it.attr(attribute)) {
                if let Err(what) = self.target(page, link) {
                    let written = link.replace(".html", ".md");
                    add(&written, Problem::new(format!("a link to {what}"), "mend the link"));
                }
            }
        }
    }

    /// Whether a link leads to something.
    fn target(&self, page: &Path, link: &str) -> Result<(), String> {
        // What cannot be cited is told of in the sources.
        if is_remote(link) || link.starts_with("mailto:") || link.starts_with("cite:") {
            return Ok(());
        }
        let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
        let path = match path.strip_prefix('/') {
            _ if path.is_empty() => page.to_owned(),
            Some(absolute) => PathBuf::from(absolute),
            None => normal(&page.with_file_name(path)),
        };
        let shown = path.display();
        if !self.folder.join(&path).is_file() {
            return Err(format!("`{shown}`, which is not in the book"));
        }
        let is_id = |document: &Html| {
            document.select(&IDS).any(|element| element.attr("id") == Some(fragment))
        };
        match self.documents.get(&path) {
            Some(document) if !fragment.is_empty() && !is_id(document) => {
                Err(format!("`{shown}#{fragment}`, which has no such id"))
            }
            _ => Ok(()),
        }
    }
}

/// Markdown shows `[text][name]` as it is when nothing is called so.
fn references(document: &Html, add: &mut impl FnMut(&str, Problem)) {
    for element in document.select(&PROSE) {
        let texts = element.children().filter_map(|child| child.value().as_text());
        for (_, rest) in texts.filter_map(|text| text.split_once("][")) {
            let name = rest.split(']').next().unwrap_or_default();
            let problem =
                Problem::new(format!("a link to `[{name}]:`, which is nowhere"), "add it");
            add(&format!("][{name}]"), problem);
        }
    }
}

/// What a screen reader needs.
fn reading(document: &Html, add: &mut impl FnMut(&str, Problem)) {
    for image in document.select(&IMAGES) {
        if image.attr("alt").is_none_or(|alt| alt.trim().is_empty()) {
            let source = image.attr("src").unwrap_or_default();
            let what = format!("image `{source}` without text");
            add(source, Problem::new(what, "say between `[` and `]` what it shows"));
        }
    }
    for _ in document.select(&DRAWINGS).filter(|it| it.select(&TITLES).next().is_none()) {
        add("{{#drawing", Problem::new("a drawing without text", "give it a <title>"));
    }
    let level = |it: ElementRef<'_>| it.value().name()[1..].parse().unwrap_or(1);
    let levels: Vec<u8> = document.select(&HEADINGS).map(level).collect();
    if levels.first() != Some(&1) || levels.iter().filter(|it| **it == 1).count() != 1 {
        add("# ", Problem::new("not one title", "start the page with its only `# Title`"));
    }
    for pair in levels.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
        let needle = format!("\n{} ", "#".repeat(pair[1].into()));
        let what = format!("a heading of level {} below one of level {}", pair[1], pair[0]);
        add(&needle, Problem::new(what, "leave no level out"));
    }
    let mut ids = BTreeSet::new();
    for element in document.select(&IDS) {
        let id = element.attr("id").unwrap_or_default();
        // Headings are compared in the sources.
        if !ids.insert(id) && !HEADINGS.matches(&element) {
            add(id, Problem::new(format!("a second id `{id}`"), "give it another"));
        }
    }
}

/// A page fetches nothing but its own files.
fn fetches(document: &Html, add: &mut impl FnMut(&str, Problem)) {
    for element in document.select(&FETCHING) {
        let name = element.value().name();
        for attribute in ["src", "srcset", "href", "data", "poster", "style"] {
            let value = element.attr(attribute).filter(|_| name != "a" || attribute != "href");
            let Some(value) = value else { continue };
            if is_remote(value) || (attribute == "style" && value.contains("url(")) {
                add(value, elsewhere(&format!("<{name}>"), value));
            }
        }
    }
}

fn elsewhere(what: &str, value: &str) -> Problem {
    Problem::new(format!("{what} fetches {value} from elsewhere"), "keep a copy in the book")
}

fn is_remote(value: &str) -> bool {
    ["http:", "https:", "//"].iter().any(|start| value.starts_with(start))
}

/// The path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if normal.pop() => {}
            component => normal.push(component),
        }
    }
    normal
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("it is written below")
}

static ANCHORS: LazyLock<Selector> = LazyLock::new(|| selector("main a[href]"));
static PROSE: LazyLock<Selector> = LazyLock::new(|| selector("main :not(pre, code, svg *)"));
static IMAGES: LazyLock<Selector> = LazyLock::new(|| selector("main img"));
static DRAWINGS: LazyLock<Selector> = LazyLock::new(|| selector("main figure svg"));
static TITLES: LazyLock<Selector> = LazyLock::new(|| selector("title"));
static HEADINGS: LazyLock<Selector> =
    LazyLock::new(|| selector("main :is(h1, h2, h3, h4, h5, h6)"));
static IDS: LazyLock<Selector> = LazyLock::new(|| selector("[id]"));
static FETCHING: LazyLock<Selector> =
    LazyLock::new(|| selector("[src], [srcset], [href], [data], [poster], [style]"));
