//! What directives become: pages as mdBook reads them, or as plain Markdown.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::Result;

use crate::{
    Fault, Problem, Project, cite,
    directive::Directive,
    edition::{Edition, Words},
    errors, exercise,
    figure::{folded, listing, output},
    map::{self, Part as BookPart},
    plain,
    project::Page,
    quiz,
    sequence::Sequence,
    source::{self, Part},
};

/// Pages with their directives expanded.
#[derive(Default)]
pub struct Expanded {
    /// By the path in the sources of the book.
    pub texts: BTreeMap<PathBuf, String>,
    /// Drawings of the plain edition, by the path in its folder.
    pub drawings: BTreeMap<PathBuf, String>,
    /// What could not be expanded; it stays as it was.
    pub faults: Vec<Fault>,
    /// The files that were included, each with the anchors that were.
    pub used: BTreeMap<String, BTreeSet<String>>,
}

/// What the directives of a page need to know.
struct Context<'a> {
    project: &'a Project,
    edition: Edition,
    words: Words,
    parts: &'a [BookPart],
    page: &'a Page,
}

impl Expanded {
    /// Expands all pages.
    pub fn of(project: &Project, pages: &[Page], edition: Edition) -> Result<Self> {
        let mut expanded = Self::default();
        let words = Words::of(project.config.book.language.as_deref());
        let parts = map::parts(project)?;
        for page in pages {
            let context = Context { project, edition, words, parts: &parts, page };
            let text = expanded.page(&context);
            expanded.texts.insert(page.path.clone(), text);
        }
        Ok(expanded)
    }

    fn page(&mut self, context: &Context<'_>) -> String {
        let Context { project, page, .. } = context;
        // Citations first: they are found by their place in the text, and stay on their lines.
        let cited = cite::expand(&project.packages, &page.text, |line, problem| {
            self.faults.push(problem.at(&page.file, line));
        });
        let lines: Vec<&str> = cited.lines().collect();
        self.lines(context, &lines, 1)
    }

    /// Expands lines of a page, of which the first has this number.
    fn lines(&mut self, context: &Context<'_>, lines: &[&str], first: usize) -> String {
        let mut text = String::new();
        let mut index = 0;
        while let Some(line) = lines.get(index) {
            index += 1;
            let outcome = Directive::read(line).map(|read| match read? {
                Directive::Quiz => {
                    let length = lines[index..].iter().position(|it| it.trim() == "{{#end}}");
                    let Some(length) = length else {
                        return Err(Problem::new("a quiz without an end", "add `{{#end}}`"));
                    };
                    let body = &lines[index..index + length];
                    let start = first + index;
                    index += length + 1;
                    Ok(self.quiz(context, body, start))
                }
                directive => self.expand(context, &directive),
            });
            match outcome {
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
                        self.faults.push(problem.at(&context.page.file, first + index - 1));
                    }
                    text += line;
                    text.push('\n');
                }
            }
        }
        text
    }

    fn quiz(&mut self, context: &Context<'_>, lines: &[&str], first: usize) -> String {
        match quiz::read(lines, first) {
            Ok(questions) => {
                let texts: Vec<String> = questions
                    .iter()
                    .map(|question| {
                        let text: Vec<&str> = question.text.iter().map(String::as_str).collect();
                        self.lines(context, &text, question.line)
                    })
                    .collect();
                let stem = context.page.path.with_extension("");
                let name = stem.to_string_lossy().replace(['/', '\\'], "-");
                quiz::render(&questions, &texts, &name, context.edition, context.words)
            }
            Err((line, problem)) => {
                self.faults.push(problem.at(&context.page.file, line));
                String::new()
            }
        }
    }

    fn expand(&mut self, context: &Context<'_>, directive: &Directive) -> Result<String, Problem> {
        let Context { project, edition, words, page, .. } = *context;
        match directive {
            Directive::Code { file, part, language } => {
                let anchors = self.used.entry(file.clone()).or_default();
                if let Part::Anchor(name) = part {
                    anchors.insert(name.clone());
                }
                let code = source::read(&project.root, file, part)?;
                if matches!(part, Part::Item(_)) && source::is_test(&code) {
                    let what = "a test in the middle of the text";
                    let mend = "say in the text what it shows, and fold it by `{{#proof …}}`";
                    return Err(Problem::new(what, mend));
                }
                Ok(listing(edition, file, language.as_deref(), &code))
            }
            Directive::Proof { file, test } => {
                self.used.entry(file.clone()).or_default();
                let part = Part::Item(format!("fn {test}"));
                let code = source::read(&project.root, file, &part)?;
                let whole = || project.read(file.as_ref()).unwrap_or_default();
                if !source::is_test(&code) && !source::is_listed(&whole(), test) {
                    let what = format!("`{test}` is no test");
                    return Err(Problem::new(what, "a proof is a test; write `{{#code …}}`"));
                }
                let summary = format!("{}: {}", words.proof, test.replace('_', " "));
                Ok(folded("proof", &summary, &listing(edition, file, None, &code)))
            }
            Directive::Output { name, cut } => {
                let printed = source::read(&project.root, &snapshot(name), &Part::Whole)?;
                let mut lines: Vec<&str> = printed.lines().collect();
                if let Some(cut) = cut {
                    lines.splice(cut.middle(lines.len())?, ["…"]);
                }
                Ok(output(edition, &lines.join("\n")))
            }
            Directive::Exercise(name) => exercise::expand(&project.root, name, edition, words),
            Directive::Errors => errors::expand(&project.root, edition),
            Directive::Drawing(file) => {
                let file = project.config.book.src.join(file);
                let svg = source::read(&project.root, &file.to_string_lossy(), &Part::Whole)?;
                // An empty line would end the figure.
                let lines = svg.lines().filter(|line| !line.trim().is_empty());
                let svg: String = lines.map(|line| format!("{line}\n")).collect();
                Ok(self.drawing(context, "drawing", svg))
            }
            Directive::Map => {
                let svg = map::draw(context.parts, &page.path, words)?;
                Ok(self.drawing(context, "drawing", svg))
            }
            Directive::Sequence { name, cut } => {
                let log = source::read(&project.root, &snapshot(name), &Part::Whole)?;
                let drawn = Sequence::read(&log)?.cut(*cut)?;
                Ok(self.drawing(context, "sequence", drawn.svg(name)))
            }
            Directive::Quiz => unreachable!("it has been read with its lines"),
            Directive::QuizEnd => Err(Problem::new("an end without a quiz", "add `{{#quiz}}`")),
        }
    }

    /// A drawing on the page, or in a file of its own.
    fn drawing(&mut self, context: &Context<'_>, class: &str, svg: String) -> String {
        if context.edition == Edition::Web {
            return format!("<figure class=\"{class}\">\n{svg}</figure>\n");
        }
        let stem = context.page.path.with_extension("");
        let name = stem.to_string_lossy().replace(['/', '\\'], "-");
        let count = self.drawings.keys().filter(|it| plain::is_of(it, &name)).count() + 1;
        let path = PathBuf::from("img").join(format!("{name}.{count}.svg"));
        let up = "../".repeat(context.page.path.components().count() - 1);
        let title = svg.split("<title").nth(1).and_then(|rest| rest.split_once('>'));
        let title = title.and_then(|(_, rest)| rest.split("</title>").next()).unwrap_or_default();
        let image = format!("![{title}]({up}{})\n", path.display());
        self.drawings.insert(path, plain::standalone(&svg));
        image
    }
}

/// The snapshot of an example, or of another folder under `tests/snapshots`.
fn snapshot(name: &str) -> String {
    let folder = if name.contains('/') { "" } else { "examples/" };
    format!("tests/snapshots/{folder}{name}.snap")
}
