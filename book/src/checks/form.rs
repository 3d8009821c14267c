//! The form of a chapter: its title, questions before the run, a quiz, one idea; and of a part: a
//! picture at its start, a table and a recap at its end.

use std::{collections::BTreeMap, ops::RangeInclusive};

use anyhow::Result;
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};

use crate::{
    Fault, Problem, Project,
    map::{self, Part, example_of},
    markdown,
    predict::{self, Outline},
    project::Page,
};

/// How many words a chapter may have that is one page.
const WORDS: RangeInclusive<usize> = 500..=1100;

/// Looks at the form of all pages.
pub fn check(project: &Project, pages: &[Page]) -> Result<Vec<Fault>> {
    let mut faults = titles(project, pages)?;
    // Of each example, the place of its first page.
    let mut chapters: BTreeMap<String, usize> = BTreeMap::new();
    for (place, page) in pages.iter().enumerate() {
        if let Some(name) = example_of(&page.path) {
            chapters.entry(name).or_insert(place);
        }
    }
    for (place, page) in pages.iter().enumerate() {
        let outline = Outline::of(&page.text);
        let mut add = |line: usize, problem: Problem| faults.push(problem.at(&page.file, line));
        for (line, name) in outline.shown_outside_of_folds() {
            if chapters.get(name).is_some_and(|chapter| *chapter > place) {
                let what = format!("what `{name}` prints, before its chapter asks for it");
                add(line, Problem::new(what, "put it into `<details>`"));
            }
        }
        let is_first = |name| chapters.get(&name) == Some(&place);
        if !example_of(&page.path).is_some_and(is_first) {
            continue;
        }
        for (line, problem) in predict::check(&outline) {
            add(line, problem);
        }
        if !page.text.lines().any(|line| line == "{{#quiz}}") {
            let mend = "ask at its end, between `{{#quiz}}` and `{{#end}}`";
            add(1, Problem::new("a chapter without a quiz", mend));
        }
        let count = words(&page.text);
        if page.path.components().count() == 1 && !WORDS.contains(&count) {
            let (least, most) = (WORDS.start(), WORDS.end());
            let what = format!("a chapter of {count} words");
            let mend = format!(
                "tell one idea in {least} to {most}, or make a folder of pages for several"
            );
            add(1, Problem::new(what, mend));
        }
    }
    for part in map::parts(project)? {
        faults.extend(frame(project, pages, &part)?);
    }
    Ok(faults)
}

/// A page is called the same in SUMMARY.md; a chapter by number, program and term.
fn titles(project: &Project, pages: &[Page]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (name, path) in project.listed()? {
        let Some(page) = pages.iter().find(|page| page.path == path) else { continue };
        let heading = page.text.lines().find_map(|line| line.strip_prefix("# "));
        let heading = heading.map_or("", |it| it.split(" {#").next().unwrap_or(it)).trim();
        let line = markdown::line_of(&page.text, "# ");
        if heading != name {
            let what = format!("`{heading}` is called `{name}` in SUMMARY.md");
            let problem = Problem::new(what, "give it one name");
            faults.push(problem.at(&page.file, line));
            continue;
        }
        let Some(example) = example_of(&path) else { continue };
        let is_first = path.components().count() == 1 || path.ends_with("index.md");
        let (number, program) = example.split_once('_').unwrap_or((&example, ""));
        let program = program.replace('_', " ");
        let start = format!("{number} {program}: ");
        let has_form = heading.len() > start.len()
            && heading.is_char_boundary(start.len())
            && heading[..start.len()].eq_ignore_ascii_case(&start);
        if is_first && !has_form {
            let what = format!("a chapter called `{heading}`");
            let mend = format!("call it by number, program and term: `{start}…`");
            faults.push(Problem::new(what, mend).at(&page.file, line));
        }
    }
    Ok(faults)
}

/// A part that has chapters opens with a map, and closes with a table and a recap.
fn frame(project: &Project, pages: &[Page], part: &Part) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let is_chapter = |path: &std::path::Path| example_of(path).is_some();
    if !part.pages.iter().any(|entry| is_chapter(&entry.path)) {
        return Ok(faults);
    }
    let summary = project.config.book.src.join("SUMMARY.md");
    let listed = project.read(&summary)?;
    let title = &part.title;
    let mut add = |what: &str, mend: &str| {
        let problem = Problem::new(format!("part `{title}` {what}"), mend);
        faults.push(problem.at(&summary, markdown::line_of(&listed, &format!("# {title}"))));
    };
    let page = |place: Option<&map::Entry>| {
        let entry = place.filter(|entry| !is_chapter(&entry.path))?;
        pages.iter().find(|page| page.path == entry.path)
    };
    let has = |page: &Page, start: &str| page.text.lines().any(|line| line.starts_with(start));
    match page(part.pages.first()) {
        Some(page) if has(page, "{{#map}}") => {}
        _ => add("does not open with a picture", "let its first page be one with `{{#map}}`"),
    }
    match page(part.pages.last()) {
        Some(page) if has(page, "|") && page.text.contains("{#recap}") => {}
        _ => add(
            "does not end with a table and a recap",
            "let its last page have a table to decide by, and `## Recap {#recap}`",
        ),
    }
    Ok(faults)
}

/// The words that a chapter says itself: no code, no quiz.
pub fn words(text: &str) -> usize {
    let mut within_quiz = false;
    let lines = text.lines().filter(|line| {
        within_quiz |= *line == "{{#quiz}}";
        let is_said = !within_quiz && !line.trim_start_matches([' ', '>']).starts_with("{{#");
        within_quiz &= *line != "{{#end}}";
        is_said
    });
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let mut count = 0;
    let mut within_block = false;
    for event in markdown::events(&text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => within_block = true,
            Event::End(TagEnd::CodeBlock) => within_block = false,
            Event::Text(said) if !within_block => {
                let words = said.split_whitespace();
                count += words.filter(|word| word.contains(char::is_alphanumeric)).count();
            }
            Event::Code(_) => count += 1,
            _ => {}
        }
    }
    count
}
