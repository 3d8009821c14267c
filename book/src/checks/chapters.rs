//! Pages and examples: each numbered one has the other, and they come in order.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;

use crate::{Fault, Problem, Project, map::example_of, markdown, project::Page};

/// Compares the pages with the examples of the workspace.
pub fn check(project: &Project, pages: &[Page]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let summary = project.config.book.src.join("SUMMARY.md");
    let listed = project.read(&summary)?;
    let examples = project.packages.examples(&project.root);
    // A chapter may have several pages; the first stands for it.
    let mut chapters: BTreeMap<String, &Page> = BTreeMap::new();
    let mut last = String::new();
    for page in pages {
        let Some(name) = example_of(&page.path) else { continue };
        if name < last {
            let line = markdown::line_of(&listed, &page.path.to_string_lossy());
            let problem = Problem::new(format!("`{name}` after `{last}`"), "sort by number");
            faults.push(problem.at(&summary, line));
        }
        last.clone_from(&name);
        if !examples.contains(&name) && !chapters.contains_key(&name) {
            let what = format!("no example `{name}`");
            let problem = Problem::new(what, "give page and example the same name");
            faults.push(problem.at(&page.file, 1));
        }
        chapters.entry(name).or_insert(page);
    }
    for example in &examples {
        if !chapters.contains_key(example) {
            let page = example.replace('_', "-");
            let what = format!("no page for example `{example}`");
            let mend = format!("write {page}.md and list it here");
            faults.push(Problem::new(what, mend).at(&summary, 1));
        }
    }
    for (index, _) in listed.lines().enumerate().filter(|(_, line)| line.contains("]()")) {
        let problem = Problem::new("a chapter without a page", "write it, or leave it out");
        faults.push(problem.at(&summary, index + 1));
    }
    unlisted(project, &project.config.book.src, pages, &mut faults)?;
    Ok(faults)
}

/// mdBook leaves out a page that SUMMARY.md does not list.
fn unlisted(
    project: &Project,
    folder: &Path,
    pages: &[Page],
    faults: &mut Vec<Fault>,
) -> Result<()> {
    for entry in fs::read_dir(project.root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            unlisted(project, &path, pages, faults)?;
        } else if path.extension().is_some_and(|it| it == "md")
            && !pages.iter().any(|page| page.file == path)
        {
            let problem = Problem::new("SUMMARY.md does not list this page", "list or remove it");
            faults.push(problem.at(&path, 1));
        }
    }
    Ok(())
}
