//! A sequence diagram from what an example printed, as SVG that follows the colours of the page.
//!
//! ```text
//! client → 2               an arrow from client to server
//! server ← 2               the same arrow, seen from the other end
//! client ← 1               an arrow from server to client
//! client: server closed    a note at the line of the client
//! ```
//!
//! The server stands right. The log itself is the text alternative.

mod drawing;

use std::ops::Range;

use crate::Problem;

/// How much of a long run is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Rows from its start.
    pub first: usize,
    /// Rows up to its end.
    pub last: usize,
}

/// Who said what to whom.
pub struct Sequence {
    actors: Vec<String>,
    rows: Vec<Row>,
    log: String,
}

#[derive(Clone)]
enum Row {
    /// `sent` and `received` say which ends have told of it.
    Message {
        from: usize,
        to: usize,
        text: String,
        sent: bool,
        received: bool,
    },
    Note {
        actor: usize,
        text: String,
    },
    /// Rows that are left out.
    More,
}

const SERVER: &str = "server";
const FORM: &str = "print `actor → text`, `actor ← text` or `actor: text`";

enum Sign {
    Sent,
    Received,
    Note,
}

/// `actor → text`, `actor ← text` or `actor: text`.
fn parse(line: &str) -> Option<(&str, Sign, &str)> {
    [(" → ", Sign::Sent), (" ← ", Sign::Received), (": ", Sign::Note)]
        .into_iter()
        .filter_map(|(mark, sign)| Some((line.find(mark)?, mark, sign)))
        .min_by_key(|(at, ..)| *at)
        .map(|(at, mark, sign)| (&line[..at], sign, &line[at + mark.len()..]))
}

impl Sequence {
    /// Reads what was printed.
    pub fn read(log: &str) -> Result<Self, Problem> {
        let mut actors: Vec<String> = Vec::new();
        for line in log.lines() {
            let cannot = || Problem::new(format!("cannot draw `{line}`"), FORM);
            let (actor, ..) = parse(line).ok_or_else(cannot)?;
            if actor != SERVER && !actors.iter().any(|it| it == actor) {
                actors.push(actor.to_owned());
            }
        }
        if actors.is_empty() {
            actors.push("client".to_owned());
        }
        actors.push(SERVER.to_owned());
        let mut sequence = Self { actors, rows: Vec::new(), log: log.to_owned() };
        for (actor, sign, text) in log.lines().filter_map(parse) {
            sequence.add(actor, sign, text)?;
        }
        Ok(sequence)
    }

    fn add(&mut self, actor: &str, sign: Sign, text: &str) -> Result<(), Problem> {
        let place = self.actors.iter().position(|it| it == actor).expect("it has been read");
        let sends = match sign {
            Sign::Sent => true,
            Sign::Received => false,
            Sign::Note => {
                self.rows.push(Row::Note { actor: place, text: text.to_owned() });
                return Ok(());
            }
        };
        // The same message, told by the other end before.
        for row in &mut self.rows {
            if let Row::Message { from, to, text: told, sent, received } = row {
                let (end, known) = if sends { (*from, sent) } else { (*to, received) };
                if end == place && !*known && told == text {
                    *known = true;
                    return Ok(());
                }
            }
        }
        let server = self.actors.len() - 1;
        let other = match place {
            _ if place != server => server,
            _ if server == 1 => 0,
            // One of several callers: the text says which.
            _ => self.actors[..server]
                .iter()
                .position(|name| text.split(|it: char| !it.is_alphanumeric()).next() == Some(name))
                .ok_or_else(|| {
                    let what = format!("cannot tell the other end of `{actor} … {text}`");
                    Problem::new(what, "start its text with the name of the caller")
                })?,
        };
        let (from, to) = if sends { (place, other) } else { (other, place) };
        let text = text.to_owned();
        self.rows.push(Row::Message { from, to, text, sent: sends, received: !sends });
        Ok(())
    }

    /// Leaves out the rows in the middle.
    pub fn cut(mut self, cut: Option<Cut>) -> Result<Self, Problem> {
        let Some(cut) = cut else { return Ok(self) };
        self.rows.splice(cut.middle(self.rows.len())?, [Row::More]);
        Ok(self)
    }
}

impl Cut {
    /// The places between the first and the last.
    pub(crate) fn middle(self, count: usize) -> Result<Range<usize>, Problem> {
        let Self { first, last } = self;
        if first + last >= count {
            let what = format!("{first}..{last} leaves out none of {count} rows");
            return Err(Problem::new(what, "leave out the numbers"));
        }
        Ok(first..count - last)
    }
}
