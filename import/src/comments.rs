//! Comments of a `.proto`, as Rust has them.

use std::collections::HashMap;

use prost_types::{FileDescriptorProto, source_code_info::Location};

use crate::text::{Writer, literal};

/// The comments of a file, by the paths of what they belong to.
pub(crate) struct Comments<'a>(HashMap<&'a [i32], &'a Location>);

impl<'a> Comments<'a> {
    pub(crate) fn of(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        Self(locations.map(|location| (location.path.as_slice(), location)).collect())
    }

    /// The number of the line where something stands.
    pub(crate) fn line(&self, path: &[i32]) -> i32 {
        self.0.get(path).and_then(|it| it.span.first()).map_or(1, |line| line + 1)
    }

    /// Writes what is said of something: as `//` what stands apart, as `///` the rest.
    pub(crate) fn write(&self, path: &[i32], writer: &mut Writer) {
        let Some(location) = self.0.get(path) else { return };
        for apart in &location.leading_detached_comments {
            plain(&lines(apart), writer);
            if !is_member(path) {
                writer.gap();
            }
        }
        let around = [&location.leading_comments, &location.trailing_comments];
        let around: Vec<_> = around.into_iter().flatten().map(|it| lines(it)).collect();
        for line in fenced(around.join(&[String::new()][..])) {
            documentation(&line, writer);
        }
    }

    /// Writes what is said of a file as a whole, as `//`, but not its name.
    pub(crate) fn write_of_file(&self, name: &str, writer: &mut Writer) {
        const SYNTAX: &[i32] = &[12];
        const PACKAGE: &[i32] = &[2];
        for location in [SYNTAX, PACKAGE].iter().filter_map(|path| self.0.get(path)) {
            let around = [&location.leading_comments, &location.trailing_comments];
            for text in
                location.leading_detached_comments.iter().chain(around.into_iter().flatten())
            {
                let lines = lines(text);
                if lines != [name] {
                    plain(&lines, writer);
                    writer.gap();
                }
            }
        }
    }
}

/// Whether it is a field, a oneof, a value or a method.
fn is_member(path: &[i32]) -> bool {
    matches!(path, [_, .., 2 | 8, _])
}

/// With fences around what rustdoc would take for Rust, and test: what is indented after an empty
/// line, and what stands in fences that say nothing.
fn fenced(lines: Vec<String>) -> Vec<String> {
    let mut text = Vec::new();
    let (mut is_fenced, mut is_code, mut after_gap, mut margin) = (false, false, true, 4);
    for line in lines {
        let begins = line.trim_start();
        let indent: usize = line[..line.len() - begins.len()]
            .chars()
            .map(|letter| if letter == '\t' { 4 } else { 1 })
            .sum();
        if is_code && indent < margin && !begins.is_empty() {
            close(&mut text);
            is_code = false;
        }
        let is_fence = begins.starts_with("```") && !is_code;
        if !is_code && !is_fenced && !is_fence && after_gap && indent >= margin {
            text.push("```text".to_owned());
            is_code = true;
        }
        if indent == 0 && !begins.is_empty() {
            margin = 4 + bullet(begins);
        }
        after_gap = begins.is_empty() || is_fence;
        let says_nothing = is_fence && !is_fenced && begins.trim_end() == "```";
        text.push(if says_nothing { line + "text" } else { line });
        is_fenced ^= is_fence;
    }
    if is_code {
        close(&mut text);
    }
    text
}

/// Ends a block of code in front of the empty lines behind it.
fn close(text: &mut Vec<String>) {
    let end = text.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    text.insert(end, "```".to_owned());
}

/// How wide the mark of an item of a list is: what stands below it belongs to the item.
fn bullet(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mark =
        line[digits..].starts_with(if digits > 0 { &['.', ')'][..] } else { &['*', '-', '+'] });
    let spaces = line.bytes().skip(digits + 1).take_while(|it| *it == b' ').count();
    if mark && spaces > 0 { digits + 1 + spaces } else { 0 }
}

/// Lines that are no documentation.
fn plain(lines: &[String], writer: &mut Writer) {
    for line in lines {
        let line: String = line.chars().filter(|it| !is_unseen(*it)).collect();
        writer.line(format!("// {line}").trim_end());
    }
}

fn documentation(line: &str, writer: &mut Writer) {
    match line {
        "" => writer.line("///"),
        // The compiler refuses these in comments.
        line if line.contains(is_unseen) => {
            writer.line(&format!("#[doc = {}]", literal(&format!(" {line}"))));
        }
        line => writer.line(&format!("/// {line}")),
    }
}

/// What looks like nothing, and may not stand in a comment.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\r' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The lines of a comment, without the space before each and without empty ones around them.
fn lines(comment: &str) -> Vec<String> {
    // What is left of `/**`.
    let comment = comment.strip_prefix('*').unwrap_or(comment);
    let lines = comment.lines().map(|it| it.strip_prefix(' ').unwrap_or(it).trim_end().to_owned());
    let mut lines: Vec<_> = lines.skip_while(String::is_empty).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}
