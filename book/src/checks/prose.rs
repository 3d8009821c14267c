//! Headings have ids of their own, so that all languages share fragments; nothing is left to do.

use std::collections::BTreeSet;

use mdbook_markdown::pulldown_cmark::HeadingLevel;

use crate::{Fault, Problem, markdown::Parts, project::Page};

/// Looks at the headings and the words of all pages.
pub fn check(pages: &[Page]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for page in pages {
        let mut ids = BTreeSet::new();
        // A page is its own fragment, so its title needs none. SUMMARY.md has no page.
        let headings = Parts::of(&page.text).headings.into_iter();
        let is_summary = page.path.ends_with("SUMMARY.md");
        for heading in headings.filter(|it| it.level != HeadingLevel::H1 && !is_summary) {
            let problem = match heading.id {
                None => Problem::new("a heading without an id", "add `{#a-short-name}` to it"),
                Some(id) if ids.contains(&id) => {
                    Problem::new(format!("a second heading `#{id}`"), "give it its own id")
                }
                Some(id) => {
                    ids.insert(id);
                    continue;
                }
            };
            faults.push(problem.at(&page.file, heading.line));
        }
        for (index, _) in page.text.lines().enumerate().filter(|(_, it)| it.contains("TODO")) {
            let problem = Problem::new("a TODO", "do it, or leave it out");
            faults.push(problem.at(&page.file, index + 1));
        }
    }
    faults
}
