//! What directives become: pages as mdBook reads them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::{
    Fault, Problem, Project, cite,
    directive::Directive,
    errors, exercise,
    figure::{figure, listing},
    project::Page,
    sequence::Sequence,
    source::{self, Part},
};

/// Pages with their directives expanded.
#[derive(Default)]
pub struct Expanded {
    /// By the path in the sources of the book.
    pub texts: BTreeMap<PathBuf, String>,
    /// What could not be expanded; it stays as it was.
    pub faults: Vec<Fault>,
    /// The files that were included, each with the anchors that were.
    pub used: BTreeMap<String, BTreeSet<String>>,
}

impl Expanded {
    /// Expands all pages.
    pub fn of(project: &Project, pages: &[Page]) -> Self {
        let mut expanded = Self::default();
        for page in pages {
            let text = expanded.page(project, page);
            expanded.texts.insert(page.path.clone(), text);
        }
        expanded
    }

    fn page(&mut self, project: &Project, page: &Page) -> String {
        // Citations first: they are found by their place in the text, and stay on their lines.
        let cited = cite::expand(&project.packages, &page.text, |line, problem| {
            self.faults.push(problem.at(&page.file, line));
        });
        let mut text = String::new();
        for (index, line) in cited.lines().enumerate() {
            match Directive::read(line).map(|it| it.and_then(|it| self.expand(project, &it))) {
                Some(Ok(block)) => {
                    // Within a list or a quotation each line starts as the directive does.
                    let prefix = &line[..line.find("{{").unwrap_or(0)];
                    for line in block.lines() {
                        text += format!("{prefix}{line}").trim_end();
                        text.push('\n');
                    }
                }
                outcome => {
                    if let Some(Err(problem)) = outcome {
                        self.faults.push(problem.at(&page.file, index + 1));
                    }
                    text += line;
                    text.push('\n');
                }
            }
        }
        text
    }

    fn expand(&mut self, project: &Project, directive: &Directive) -> Result<String, Problem> {
        match directive {
            Directive::Code { file, part, language } => {
                let anchors = self.used.entry(file.clone()).or_default();
                if let Part::Anchor(name) = part {
                    anchors.insert(name.clone());
                }
                let code = source::read(&project.root, file, part)?;
                Ok(listing(file, language.as_deref(), &code))
            }
            Directive::Output { name, cut } => {
                let output = source::read(&project.root, &snapshot(name), &Part::Whole)?;
                let mut lines: Vec<&str> = output.lines().collect();
                if let Some(cut) = cut {
                    lines.splice(cut.middle(lines.len())?, ["…"]);
                }
                Ok(figure("output", "", "text", &lines.join("\n")))
            }
            Directive::Exercise(name) => {
                exercise::expand(&project.root, name, project.config.book.language.as_deref())
            }
            Directive::Errors => errors::expand(&project.root),
            Directive::Drawing(file) => {
                let file = project.config.book.src.join(file);
                let svg = source::read(&project.root, &file.to_string_lossy(), &Part::Whole)?;
                // An empty line would end the figure.
                let lines = svg.lines().filter(|line| !line.trim().is_empty());
                let svg: String = lines.map(|line| format!("{line}\n")).collect();
                Ok(format!("<figure class=\"drawing\">\n{svg}</figure>\n"))
            }
            Directive::Sequence { name, cut } => {
                let log = source::read(&project.root, &snapshot(name), &Part::Whole)?;
                let drawn = Sequence::read(&log)?.cut(*cut)?;
                Ok(format!("<figure class=\"sequence\">\n{}</figure>\n", drawn.svg(name)))
            }
        }
    }
}

/// The snapshot of an example, or of another folder under `tests/snapshots`.
fn snapshot(name: &str) -> String {
    let folder = if name.contains('/') { "" } else { "examples/" };
    format!("tests/snapshots/{folder}{name}.snap")
}
