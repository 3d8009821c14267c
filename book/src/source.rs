//! Parts of a source file: all of it, an item, or what lies between the two lines of an anchor.
//!
//! ```text
//! examples/02_pow.rs                      the whole file
//! examples/02_pow.rs trait ServerStream   an item, with its documents and attributes
//! examples/02_pow.rs:send                 from `// ANCHOR: send` to `// ANCHOR_END: send`
//! ```

use std::{fs, path::Path};

use crate::Problem;

/// Which part of a file is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The item whose declaration starts so.
    Item(String),
    /// Between the two lines of this anchor.
    Anchor(String),
}

/// A line that starts or ends an anchor.
pub struct Mark<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it starts or ends here.
    pub starts: bool,
}

/// The anchor that this line marks, in mdBook's own form.
pub fn mark(line: &str) -> Option<Mark<'_>> {
    let find = |word| line.split_once(word).map(|(_, rest): (&str, &str)| rest.trim_start());
    let (rest, starts) = match (find("ANCHOR:"), find("ANCHOR_END:")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return None,
    };
    let end = rest.find(|it: char| !is_word(it) && it != '-').unwrap_or(rest.len());
    (end > 0).then(|| Mark { name: &rest[..end], starts })
}

/// Reads a part of a file, with no anchors, no empty lines around it, and no common indentation.
pub fn read(root: &Path, file: &str, part: &Part) -> Result<String, Problem> {
    let text = fs::read_to_string(root.join(file)).map_err(|_| {
        let mend = "write its path from the root of the project";
        Problem::new(format!("there is no file `{file}`"), mend)
    })?;
    let text = without_header(file, &text);
    let lines: Vec<&str> = text.lines().collect();
    let lines = match part {
        Part::Whole => &lines[..],
        Part::Item(declaration) => item(&lines, declaration)
            .map_err(|(what, mend)| Problem::new(format!("`{file}` {what}"), mend))?,
        Part::Anchor(name) => anchored(&lines, name).ok_or_else(|| {
            Problem::new(
                format!("`{file}` has no anchor `{name}`"),
                format!("add lines `// ANCHOR: {name}` and `// ANCHOR_END: {name}` there"),
            )
        })?,
    };
    Ok(dedented(lines))
}

/// Snapshots start with a header between two lines `---`.
fn without_header<'a>(file: &str, text: &'a str) -> &'a str {
    let header = file.ends_with(".snap").then(|| text.strip_prefix("---\n")).flatten();
    header.and_then(|rest| rest.split_once("\n---\n")).map_or(text, |(_, content)| content)
}

fn anchored<'a, 'b>(lines: &'b [&'a str], name: &str) -> Option<&'b [&'a str]> {
    let place = |wanted| {
        lines.iter().position(|line| {
            mark(line).is_some_and(|mark| mark.name == name && mark.starts == wanted)
        })
    };
    let (start, end) = (place(true)?, place(false)?);
    lines.get(start + 1..end)
}

/// The lines of an item. It relies on rustfmt: an item ends on the first line of its own
/// indentation that ends with `}` or `;`.
fn item<'a, 'b>(
    lines: &'b [&'a str],
    declaration: &str,
) -> Result<&'b [&'a str], (String, String)> {
    let mut places = lines.iter().enumerate().filter(|(_, line)| declares(line, declaration));
    let Some((place, line)) = places.next() else {
        let mend = "write how its declaration starts, without `pub` and `async`";
        return Err((format!("declares no `{declaration}`"), mend.to_owned()));
    };
    if let Some((other, _)) = places.next() {
        let what = format!("declares `{declaration}` on line {} and {}", place + 1, other + 1);
        return Err((what, "name more of it, or use an anchor".to_owned()));
    }
    let level = indentation(line);
    let end = (place..lines.len())
        .find(|&at| indentation(lines[at]) == level && lines[at].ends_with(['}', ';']))
        .ok_or_else(|| (format!("does not end `{declaration}`"), "format it".to_owned()))?;
    let mut start = place;
    // Documents and attributes, which may have several lines.
    while let Some(above) = start.checked_sub(1).map(|at| lines[at].trim_start()) {
        if above.starts_with("//") || above.starts_with("#[") {
            start -= 1;
        } else if above == ")]" {
            let opens = lines[..start].iter().rposition(|it| it.trim_start().starts_with("#["));
            start = opens.unwrap_or(0);
        } else {
            break;
        }
    }
    Ok(&lines[start..=end])
}

/// Whether this item is a test.
pub fn is_test(code: &str) -> bool {
    code.lines().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}

/// Whether a file lists this function on a line of its own, as for a macro that makes tests of them.
pub fn is_listed(file: &str, function: &str) -> bool {
    file.lines().any(|line| line.trim().trim_end_matches([',', ';']) == function)
}

fn declares(line: &str, declaration: &str) -> bool {
    let mut line = line.trim_start();
    for word in ["pub(crate) ", "pub ", "const ", "async ", "unsafe "] {
        line = line.strip_prefix(word).unwrap_or(line);
    }
    let declaration = declaration.strip_prefix("const ").unwrap_or(declaration);
    let rest = line.strip_prefix(declaration);
    rest.is_some_and(|rest| !rest.starts_with(is_word))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn dedented(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| mark(line).is_none()).collect();
    let full = || lines.iter().filter(|line| !line.trim().is_empty());
    let common = full().map(|line| indentation(line)).min().unwrap_or(0);
    let text: Vec<&str> = lines.iter().map(|line| line.get(common..).unwrap_or("")).collect();
    text.join("\n").trim_matches('\n').to_owned()
}
