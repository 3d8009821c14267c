//! Code blocks: Rust and output come from files that a test has seen.

use toml::Spanned;

use crate::{
    Fault, Problem, Project,
    markdown::Parts,
    project::{EXCEPTIONS, Exceptions, Fragment, Page},
};

/// What may be written in the page: commands, which [`super::commands`] checks, and the code of
/// others.
const INLINE: &[&str] = &["sh", "toml", "go"];

/// Looks at all blocks that the pages write themselves.
pub fn check(project: &Project, pages: &[Page]) -> Vec<Fault> {
    let fragments = &project.exceptions.fragment;
    let mut used = vec![false; fragments.len()];
    let mut faults = Vec::new();
    for page in pages {
        for block in Parts::of(&page.text).blocks {
            let is_listed = |fragment: &Spanned<Fragment>| {
                let Fragment { page: path, starts, why } = fragment.get_ref();
                *path == page.path && block.text.starts_with(starts) && !why.is_empty()
            };
            if INLINE.contains(&block.language.as_str()) {
                continue;
            }
            if let Some(at) = fragments.iter().position(is_listed) {
                used[at] = true;
                continue;
            }
            let (what, mend) = match block.language.as_str() {
                "rust" => ("Rust that no test compiles", "write `{{#code FILE …}}`"),
                "" => ("a block with no language", "write `{{#output NAME}}`, or say what it is"),
                _ => ("text that no test compares", "write `{{#output NAME}}` or `{{#code FILE}}`"),
            };
            let mend = format!("{mend}, or give a reason in {EXCEPTIONS}");
            faults.push(Problem::new(what, mend).at(&page.file, block.line));
        }
    }
    for (fragment, _) in fragments.iter().zip(used).filter(|(_, used)| !used) {
        let page = fragment.get_ref().page.display();
        let problem = Problem::new(format!("no such block in {page}"), "remove the entry");
        let line = Exceptions::line_of(&project.root, fragment);
        faults.push(problem.at(EXCEPTIONS.as_ref(), line));
    }
    faults
}
