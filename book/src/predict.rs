//! Predict, then run: the questions of a chapter stand before its command, and the output is folded
//! together with the answers.
//!
//! ```text
//! ## Predict, then run {#predict}
//!
//! 1. What does the client print last?
//!
//! …the command, in a block `sh`…
//!
//! <details>
//! <summary>The output, and the answers</summary>
//!
//! {{#output 02_pow}}
//!
//! 1. That the stream is over.
//!
//! </details>
//! ```

use crate::Problem;

/// The fragment of the section.
const ID: &str = "{#predict}";

/// What a line is, as far as the order of things is concerned.
#[derive(Debug, PartialEq)]
enum Kind<'a> {
    /// A heading of the second level.
    Section(&'a str),
    /// A line `1. …`.
    Item,
    /// The start of a block `sh`.
    Command,
    /// A fold opens.
    Fold,
    /// `{{#output NAME}}` or `{{#sequence NAME}}`.
    Shown(&'a str),
}

/// The lines of a page that matter here: number, whether within a fold, and kind.
pub struct Outline<'a>(Vec<(usize, bool, Kind<'a>)>);

impl<'a> Outline<'a> {
    /// Reads a page.
    pub fn of(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let (mut depth, mut fenced) = (0_usize, false);
        for (index, line) in text.lines().enumerate() {
            let bare = line.trim_start_matches([' ', '>']);
            let was_fenced = fenced;
            fenced ^= bare.starts_with("```");
            let directive =
                ["{{#output ", "{{#sequence "].iter().find_map(|it| bare.strip_prefix(it));
            let is_item = line.split_once(". ").is_some_and(|(number, _)| {
                !number.is_empty() && number.chars().all(|it| it.is_ascii_digit())
            });
            let kind = if bare.starts_with("```sh") && !was_fenced {
                Kind::Command
            } else if fenced {
                continue;
            } else if bare.starts_with("<details") {
                depth += 1;
                Kind::Fold
            } else if bare.starts_with("</details") {
                depth = depth.saturating_sub(1);
                continue;
            } else if let Some(rest) = directive {
                Kind::Shown(rest.split([' ', '}']).next().unwrap_or_default())
            } else if line.starts_with("## ") {
                Kind::Section(line)
            } else if is_item {
                Kind::Item
            } else {
                continue;
            };
            lines.push((index + 1, depth > 0, kind));
        }
        Self(lines)
    }

    /// What examples print, where no fold hides it: line and name.
    pub fn shown_outside_of_folds(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.0.iter().filter_map(|(line, folded, kind)| match kind {
            Kind::Shown(name) if !folded => Some((*line, *name)),
            _ => None,
        })
    }
}

/// What is wrong with the questions of a chapter.
pub fn check(outline: &Outline<'_>) -> Vec<(usize, Problem)> {
    let lines = &outline.0;
    let is_predict = |kind: &Kind<'_>| matches!(kind, Kind::Section(it) if it.ends_with(ID));
    let Some(start) = lines.iter().position(|(.., kind)| is_predict(kind)) else {
        let mend = format!("add `## Predict, then run {ID}`");
        return vec![(1, Problem::new("a chapter that asks nothing before its run", mend))];
    };
    let mut problems = Vec::new();
    let early = outline.shown_outside_of_folds().filter(|(line, _)| *line < lines[start].0);
    for (line, _) in early {
        let what = "an output before the questions";
        problems.push((line, Problem::new(what, format!("move it below `{ID}`"))));
    }
    let section = &lines[start + 1..];
    let end = section.iter().position(|(.., kind)| matches!(kind, Kind::Section(_)));
    let section = &section[..end.unwrap_or(section.len())];
    let heading = lines[start].0;
    let at = |wanted: fn(&Kind<'_>) -> bool| section.iter().position(|(.., kind)| wanted(kind));
    let command = at(|kind| *kind == Kind::Command);
    let fold = at(|kind| *kind == Kind::Fold);
    let (Some(command), Some(fold)) = (command, fold) else {
        let what = match command {
            None => "questions without a command",
            Some(_) => "a run whose output is not folded",
        };
        let mend = "write the questions, a block `sh`, and `<details>` with output and answers";
        problems.push((heading, Problem::new(what, mend)));
        return problems;
    };
    let count = |folded: bool| {
        section.iter().filter(|(_, it, kind)| *it == folded && *kind == Kind::Item).count()
    };
    let asked =
        section[..command.min(fold)].iter().filter(|(.., kind)| *kind == Kind::Item).count();
    let (questions, answers) = (count(false), count(true));
    if asked == 0 || asked != questions {
        let what = "a command before its questions";
        problems.push((section[command].0, Problem::new(what, "ask first, as `1. …`")));
    } else if questions != answers {
        let what = format!("questions: {questions}, answers: {answers}");
        let mend = "answer each in the fold, as `1. …`";
        problems.push((section[fold].0, Problem::new(what, mend)));
    }
    let shown = |folded: bool| {
        section.iter().find(move |(_, it, kind)| *it == folded && matches!(kind, Kind::Shown(_)))
    };
    if let Some((line, ..)) = shown(false) {
        let what = "an output that is not folded";
        problems.push((*line, Problem::new(what, "put it into `<details>`, with the answers")));
    }
    if shown(true).is_none() {
        let what = "a fold without the output";
        problems.push((section[fold].0, Problem::new(what, "add `{{#output NAME}}` to it")));
    }
    problems
}
