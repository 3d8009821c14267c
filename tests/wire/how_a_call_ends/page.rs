//! The runs as rows of the page.

use std::{fs, path::Path};

use traitwire::{Code, Status};

use super::{Event, Shape, witness::Seen};
use crate::contract::Note;

/// What was seen of one call.
pub(crate) struct Run {
    pub(crate) shape: Shape,
    pub(crate) event: Event,
    /// Answers, and `None` at the end.
    pub(crate) caller: Vec<Option<Result<Note, Status>>>,
    /// Whether `send` took a message of the caller afterwards.
    pub(crate) sent: Option<bool>,
    pub(crate) handler: Vec<Seen>,
    /// What each side sent.
    pub(crate) wire: [Vec<String>; 2],
}

impl Run {
    pub(crate) fn new(shape: Shape, event: Event) -> Self {
        let (caller, sent, handler, wire) = Default::default();
        Self { shape, event, caller, sent, handler, wire }
    }

    /// What the call ended with.
    pub(crate) fn error(&self) -> &Status {
        let mut seen = self.caller.iter().flatten();
        seen.find_map(|answer| answer.as_ref().err()).expect("the call failed")
    }

    fn caller(&self) -> Vec<String> {
        let streams = self.shape.has_answer_stream();
        let mut seen: Vec<String> = Vec::new();
        for answer in &self.caller {
            match answer {
                Some(Ok(note)) if streams => seen.push(note.text.clone()),
                Some(Ok(note)) => seen.push(format!("Ok({})", note.text)),
                Some(Err(status)) => seen.push(name(status.code())),
                None if streams && self.ended_well() => seen.push("None".to_owned()),
                None => {}
            }
        }
        let sent = self.sent.map(|sent| if sent { "send → Ok" } else { "send → Err" });
        seen.extend(sent.map(str::to_owned));
        seen
    }

    fn ended_well(&self) -> bool {
        self.caller.iter().flatten().all(Result::is_ok)
    }

    fn handler(&self) -> Vec<String> {
        let seen = self.handler.iter().filter_map(|seen| {
            Some(match seen {
                Seen::Question => "q".to_owned(),
                Seen::End => "None".to_owned(),
                Seen::Error(code) => name(*code),
                Seen::StoppedReading => return None,
                Seen::Returned => "returned".to_owned(),
                Seen::Panicked => "panicked".to_owned(),
                Seen::Dropped => "dropped".to_owned(),
            })
        });
        seen.collect()
    }

    /// What the caller sees, what the handler sees, and what each side sent.
    pub(crate) fn cells(&self) -> [String; 4] {
        // Nobody knows what is seen by one who is gone.
        let is = |event| self.event == event;
        let caller = if is(Event::CallerVanishes) { Vec::new() } else { self.caller() };
        let handler = if is(Event::ServerVanishes) { Vec::new() } else { self.handler() };
        let [client, server] = self.wire.clone();
        [caller, handler, client, server].map(|cell| match &cell[..] {
            [] => "–".to_owned(),
            words => format!("`{}`", words.join("` `")),
        })
    }

    /// A row under the heading of its shape.
    pub(crate) fn row(&self) -> String {
        format!("| {} | {} |\n", self.event.name(), self.cells().join(" | "))
    }

    /// A row with its shape.
    pub(crate) fn row_with_shape(&self) -> String {
        format!("| {} {}", self.shape.name(), self.row())
    }
}

/// As the specification writes it.
fn name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_uppercase());
    }
    name
}

/// The rows of runs on the page, below one heading and above another.
pub(crate) fn rows_between(start: &str, end: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/en/how-a-call-ends.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let (_, page) = page.split_once(start).expect("a heading");
    let (page, _) = page.split_once(end).expect("another heading");
    let is_run = |line: &&str| line.starts_with("| ") && line.contains("`HEADERS");
    page.lines().filter(is_run).map(|line| format!("{line}\n")).collect()
}
