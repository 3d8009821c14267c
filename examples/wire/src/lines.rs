//! The lines of a trace.

use std::fmt::Write;

use crate::{
    Side,
    fields::{Field, Value, count},
    frame::{Frame, Kind, flags},
    headers::Fields,
};

/// How wide a line is.
const WIDTH: usize = 100;

/// The lines of an event.
pub(crate) struct Lines {
    pub(crate) from: Side,
    pub(crate) full: bool,
    pub(crate) text: String,
}

impl Lines {
    /// A frame: in full with its flags and its length, or with what it says.
    pub(crate) fn frame(&mut self, frame: &Frame, says: &str) {
        let kind = if frame.kind > Kind::CONTINUATION {
            format!("kind {}", frame.kind)
        } else {
            frame.kind.to_string()
        };
        if self.full {
            let mut words: Vec<&str> = flag_names(frame).collect();
            words.push(says);
            self.head(&kind, frame.stream, &words.join(" "), frame.payload.len());
        } else {
            let arrow = self.arrow();
            let end = flag_names(frame).find(|it| *it == "END_STREAM").unwrap_or_default();
            let stream = format!("stream {}", frame.stream);
            let line = format!("{arrow} {kind:<13}{stream:<11}{end:<11}{says}");
            self.push(&line);
        }
    }

    /// A frame that in compact style is left out: those of the connection, and of windows.
    pub(crate) fn connection(&mut self, frame: &Frame, says: &str) {
        if self.full {
            self.frame(frame, says);
        }
    }

    pub(crate) fn head(&mut self, kind: &str, stream: u32, says: &str, length: usize) {
        let arrow = self.arrow();
        let stream = if kind == "preface" { String::new() } else { format!("stream {stream}") };
        let line = format!("{arrow} {kind:<14}{stream:<11}{says:<26}{length:>6} bytes");
        self.push(&line);
    }

    pub(crate) fn note(&mut self, text: &str) {
        let line = format!("{} {text}", self.arrow());
        self.push(&line);
    }

    pub(crate) fn detail(&mut self, text: &str) {
        if self.full {
            self.push(&format!("           {text}"));
        }
    }

    pub(crate) fn fields(&mut self, fields: &Fields) {
        let lengths = fields.list.iter().map(|(name, _)| text(name).len());
        let width = lengths.max().unwrap_or_default().min(24);
        for (name, value) in &fields.list {
            self.detail(&format!("{:<width$} {}", text(name), text(value)));
        }
        if fields.more > 0 {
            self.detail(&format!("… and {} more", fields.more));
        }
    }

    pub(crate) fn tree(&mut self, fields: &[Field], depth: usize) {
        for Field { name, value } in fields {
            let indent = "  ".repeat(depth);
            match value {
                Value::Text(text) => self.detail(&format!("{indent}{name}: {text}")),
                Value::Message(fields) => {
                    self.detail(&format!("{indent}{name}"));
                    self.tree(fields, depth + 1);
                }
            }
        }
    }

    fn arrow(&self) -> &'static str {
        match self.from {
            Side::Client => "client →",
            Side::Server => "client ←",
        }
    }

    fn push(&mut self, line: &str) {
        let line = line.trim_end();
        match line.char_indices().nth(WIDTH) {
            None => self.text += line,
            Some((end, _)) => {
                let end = line[..end].char_indices().next_back().map_or(0, |(at, _)| at);
                let _ = write!(self.text, "{}…", &line[..end]);
            }
        }
        self.text.push('\n');
    }
}

/// Fields on one line.
pub(crate) fn flat(fields: &[Field]) -> String {
    let fields = fields.iter().map(|Field { name, value }| match value {
        Value::Text(text) => format!("{name}: {text}"),
        Value::Message(fields) => format!("{name} {{ {} }}", flat(fields)),
    });
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { "(empty message)".to_owned() } else { fields.join(", ") }
}

/// Bytes that should be text, with nothing in it that a terminal would obey: the beginning, and how
/// many there are when these are not all.
pub(crate) fn text(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    let start = bytes[..bytes.len().min(SHOWN)].escape_ascii();
    if bytes.len() > SHOWN {
        format!("{start}… {}", count(bytes.len()))
    } else {
        start.to_string()
    }
}

fn flag_names(frame: &Frame) -> impl Iterator<Item = &'static str> {
    let names: &[(u8, &str)] = match frame.kind {
        Kind::DATA => &[(flags::END_STREAM, "END_STREAM"), (flags::PADDED, "PADDED")],
        Kind::HEADERS => &[
            (flags::END_HEADERS, "END_HEADERS"),
            (flags::END_STREAM, "END_STREAM"),
            (flags::PADDED, "PADDED"),
            (flags::PRIORITY, "PRIORITY"),
        ],
        Kind::CONTINUATION => &[(flags::END_HEADERS, "END_HEADERS")],
        Kind::SETTINGS | Kind::PING => &[(flags::ACK, "ACK")],
        _ => &[],
    };
    let set = frame.flags;
    names.iter().filter(move |(flag, _)| set & flag != 0).map(|(_, name)| *name)
}
