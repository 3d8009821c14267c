//! A page as Markdown: what it is made of, and on which line.

use std::ops::Range;

use mdbook_markdown::{
    MarkdownOptions, new_cmark_parser,
    pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Tag},
};

/// The line of a place in a text, from 1.
pub fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The first line that contains this, or 1.
pub fn line_of(text: &str, wanted: &str) -> usize {
    text.find(wanted).map_or(1, |offset| line_at(text, offset))
}

/// The events of a page, as mdBook reads it.
pub fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    new_cmark_parser(text, &MarkdownOptions::default())
}

/// A code block that is written in the page.
pub struct Block {
    /// The line of its first fence.
    pub line: usize,
    /// Its language, or nothing.
    pub language: String,
    /// What it says.
    pub text: String,
}

/// A heading.
pub struct Heading {
    /// Its line.
    pub line: usize,
    /// 1 to 6.
    pub level: HeadingLevel,
    /// The id that its author gave it.
    pub id: Option<String>,
}

/// A link, where it stands in the text.
pub struct Link {
    /// The place of the whole link.
    pub range: Range<usize>,
    /// Where it leads.
    pub target: String,
    /// `<scheme:target>`, without a text of its own.
    pub bare: bool,
}

/// What a page is made of.
#[derive(Default)]
pub struct Parts {
    /// Its code blocks.
    pub blocks: Vec<Block>,
    /// Its headings.
    pub headings: Vec<Heading>,
    /// Its links.
    pub links: Vec<Link>,
}

impl Parts {
    /// Reads a page as mdBook does.
    pub fn of(text: &str) -> Self {
        let mut parts = Self::default();
        let mut within_block = false;
        for (event, range) in new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter()
        {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(info) => {
                            info.split([',', ' ']).next().unwrap_or_default().to_owned()
                        }
                        CodeBlockKind::Indented => String::new(),
                    };
                    let line = line_at(text, range.start);
                    parts.blocks.push(Block { line, language, text: String::new() });
                    within_block = true;
                }
                Event::Text(words) if within_block => {
                    let block = parts.blocks.last_mut().expect("it has started");
                    block.text.push_str(&words);
                }
                Event::End(_) => within_block = false,
                Event::Start(Tag::Heading { level, id, .. }) => {
                    let id = id.map(|id| id.to_string());
                    parts.headings.push(Heading { line: line_at(text, range.start), level, id });
                }
                Event::Start(Tag::Link { link_type, dest_url, .. }) => parts.links.push(Link {
                    range,
                    target: dest_url.to_string(),
                    bare: link_type == LinkType::Autolink,
                }),
                _ => {}
            }
        }
        parts
    }
}
