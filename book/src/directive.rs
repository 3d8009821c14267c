//! The directives of a page, each on a line of its own.
//!
//! ```text
//! {{#code examples/02_pow.rs}}                     a file, under its name
//! {{#code examples/02_pow.rs trait ServerStream}}  an item of it
//! {{#code examples/02_pow.rs:send}}                an anchor in it
//! {{#code tests/snapshots/expansion/x.snap as rust}}
//! {{#output 02_pow}}                               what the example printed
//! {{#output 02_pow 5..2}}                          its first five lines and its last two
//! {{#sequence 02_pow}}                             the same, drawn
//! {{#sequence 02_pow 5..2}}                        its first five rows and its last two
//! {{#exercise 02_get_order_list}}                  its task, its hints, its solution
//! {{#proof tests/streams/x.rs fn it_stops}}        a test that proves what was said, folded
//! {{#quiz}} … {{#end}}                             questions with answers, see [`crate::quiz`]
//! {{#map}}                                         the parts of the book, and which one this is
//! {{#errors}}                                      every error of the macros, with its programs
//! {{#drawing img/layers.svg}}                      an SVG file of the book, in the colours of the page
//! ```

use crate::{Problem, sequence::Cut, source::Part};

const FORMS: &str = "write `{{#code FILE}}`, `{{#code FILE ITEM}}`, `{{#code FILE:ANCHOR}}`, \
    `{{#proof FILE fn TEST}}`, `{{#output NAME}}`, `{{#sequence NAME}}`, `{{#exercise NAME}}`, \
    `{{#quiz}}` with `{{#end}}`, `{{#map}}`, `{{#errors}}` or `{{#drawing FILE.svg}}`";

/// A directive that has been read.
#[derive(Debug, PartialEq)]
pub(crate) enum Directive {
    Code { file: String, part: Part, language: Option<String> },
    Output { name: String, cut: Option<Cut> },
    Drawing(String),
    Exercise(String),
    Errors,
    Map,
    Proof { file: String, test: String },
    Quiz,
    QuizEnd,
    Sequence { name: String, cut: Option<Cut> },
}

impl Directive {
    /// The directive on this line, if there is one. mdBook's own `{{#title}}` is not ours.
    pub(crate) fn read(line: &str) -> Option<Result<Self, Problem>> {
        let start = line.find("{{#")?;
        if line[..start].ends_with('\\') || line[start..].starts_with("{{#title ") {
            return None;
        }
        let alone = line[..start].chars().all(|it| it == '>' || it.is_whitespace());
        let Some(inner) = line[start + 3..].trim_end().strip_suffix("}}").filter(|_| alone) else {
            return Some(Err(Problem::new(
                "a directive among other text",
                "put `{{#…}}` on a line of its own",
            )));
        };
        let (name, rest) = inner.split_once(' ').unwrap_or((inner, ""));
        Some(
            Self::parse(name, rest.trim())
                .ok_or_else(|| Problem::new(format!("cannot read `{{{{#{inner}}}}}`"), FORMS)),
        )
    }

    fn parse(name: &str, rest: &str) -> Option<Self> {
        let one_word = || (!rest.is_empty() && !rest.contains(' ')).then(|| rest.to_owned());
        match name {
            "code" if !rest.is_empty() => {
                let (rest, language) = match rest.rsplit_once(" as ") {
                    Some((rest, language)) => (rest, Some(language.to_owned())),
                    None => (rest, None),
                };
                let (file, part) = match rest.split_once(' ') {
                    Some((file, item)) => (file, Part::Item(item.to_owned())),
                    None => match rest.split_once(':') {
                        Some((file, anchor)) => (file, Part::Anchor(anchor.to_owned())),
                        None => (rest, Part::Whole),
                    },
                };
                Some(Self::Code { file: file.to_owned(), part, language })
            }
            "output" => cut(rest).map(|(name, cut)| Self::Output { name, cut }),
            "drawing" => one_word().map(Self::Drawing),
            "exercise" => one_word().map(Self::Exercise),
            "errors" if rest.is_empty() => Some(Self::Errors),
            "map" if rest.is_empty() => Some(Self::Map),
            "quiz" if rest.is_empty() => Some(Self::Quiz),
            "end" if rest.is_empty() => Some(Self::QuizEnd),
            "proof" => {
                let (file, test) = rest.split_once(" fn ")?;
                Some(Self::Proof { file: file.to_owned(), test: test.to_owned() })
            }
            "sequence" => cut(rest).map(|(name, cut)| Self::Sequence { name, cut }),
            _ => None,
        }
    }
}

/// `NAME`, or `NAME 5..2`.
fn cut(rest: &str) -> Option<(String, Option<Cut>)> {
    let (name, cut) = rest.split_once(' ').unwrap_or((rest, ""));
    let cut = match cut {
        "" => None,
        cut => {
            let (first, last) = cut.split_once("..")?;
            Some(Cut { first: first.parse().ok()?, last: last.parse().ok()? })
        }
    };
    (!name.is_empty()).then(|| (name.to_owned(), cut))
}
