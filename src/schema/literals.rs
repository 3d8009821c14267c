//! Comments and texts, as they stand in a `.proto`.

/// A doc comment as it comes back from a `.proto`: without spaces at the ends of its lines, and without
/// empty lines around it.
pub(super) fn clean(docs: &str) -> String {
    let docs = docs.replace("\r\n", "\n").replace(is_break, "\n").replace('\0', "\u{fffd}");
    let lines: Vec<_> = docs.split('\n').map(str::trim_end).collect();
    let is_text = |line: &&str| !line.is_empty();
    match (lines.iter().position(is_text), lines.iter().rposition(is_text)) {
        (Some(first), Some(last)) => lines[first..=last].join("\n"),
        _ => String::new(),
    }
}

/// Characters after which some compilers begin a new line, and others do not.
fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\u{b}' | '\u{c}')
}

/// The lines of a comment, as they stand behind `//`.
pub(super) fn comment_lines(docs: &str) -> impl Iterator<Item = String> {
    docs.lines().map(|line| match line {
        "" => String::new(),
        line => format!(" {line}"),
    })
}

pub(super) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", escaped(bytes))
}

/// Text with everything but printable ASCII escaped, as it stands between quotes.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'"' | b'\\' | b'\'' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text
}
