//! Anchors of the included files: each has two ends and something between them, and is used.

use std::{collections::BTreeSet, path::Path};

use crate::{
    Fault, Problem, Project,
    expand::Expanded,
    source::{Mark, mark},
};

/// Looks through all files that a page includes.
pub fn check(project: &Project, expanded: &Expanded) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, used) in &expanded.used {
        let file = Path::new(file);
        // A file that cannot be read is a fault of the page.
        let text = project.read(file).unwrap_or_default();
        for (line, problem) in problems(&text, used) {
            faults.push(problem.at(file, line));
        }
    }
    faults
}

fn problems(text: &str, used: &BTreeSet<String>) -> Vec<(usize, Problem)> {
    let mut problems = Vec::new();
    // The anchors that are open: name, line, and whether anything followed.
    let mut open: Vec<(&str, usize, bool)> = Vec::new();
    let mut known = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let Some(Mark { name, starts }) = mark(line) else {
            let full = !line.trim().is_empty();
            open.iter_mut().for_each(|(.., filled)| *filled |= full);
            continue;
        };
        if starts {
            if !known.insert(name) {
                let what = format!("a second anchor `{name}`");
                problems.push((number, Problem::new(what, "give it a name of its own")));
            } else if !used.contains(name) {
                let mend = "include it, or remove its two lines";
                problems
                    .push((number, Problem::new(format!("no page uses anchor `{name}`"), mend)));
            }
            open.push((name, number, false));
        } else if let Some(at) = open.iter().position(|(it, ..)| *it == name) {
            let (_, started, filled) = open.remove(at);
            if !filled {
                let what = format!("anchor `{name}` is empty");
                problems.push((started, Problem::new(what, "move its ends around some lines")));
            }
        } else {
            let what = format!("anchor `{name}` ends and has not started");
            problems.push((number, Problem::new(what, format!("add `ANCHOR: {name}` above"))));
        }
    }
    for (name, line, _) in open {
        let what = format!("anchor `{name}` does not end");
        problems.push((line, Problem::new(what, format!("add `ANCHOR_END: {name}` below"))));
    }
    problems
}
