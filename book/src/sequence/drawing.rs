//! The drawing of a sequence.

use std::fmt::{Display, Write};

use super::{Row, Sequence};

/// The height of a row, and of the names above them.
const ROW: usize = 36;
const TOP: usize = 40;
/// Between two lines of a text, and how many letters a line may have.
const LINE: usize = 16;
const WIDEST: usize = 30;
/// How it looks where there is no style sheet.
const LOOK: &str = r#"font-family="sans-serif" font-size="14" fill="currentColor""#;
/// The width of a letter, generously.
const LETTER: usize = 8;

impl Sequence {
    /// The drawing, with no empty line in it: Markdown would take it for the end.
    pub fn svg(&self, name: &str) -> String {
        let (gap, margin) = (self.gap(), self.margin());
        let x = |actor: usize| margin + actor * gap;
        let width = x(self.actors.len() - 1) + margin;
        let height = TOP + self.rows.iter().map(Row::height).sum::<usize>() + ROW / 2;
        let mut svg = Svg(String::new());
        svg.line(format_args!(
            r#"<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" {LOOK}>"#
        ));
        svg.line(format_args!("<title>{name}: {}</title>", escaped(&self.actors.join(", "))));
        svg.line(format_args!("<desc>{}</desc>", escaped(&self.log)));
        for (actor, name) in self.actors.iter().enumerate() {
            svg.text("actor", x(actor), 20, name);
            svg.path("life", format_args!("M{} 30V{}", x(actor), height - 4));
        }
        let mut y = TOP - 8;
        for row in &self.rows {
            y += row.height();
            match row {
                Row::Message { from, to, text, .. } => {
                    let (from, to) = (x(*from), x(*to));
                    let (tip, back) = if from < to { (to - 1, to - 9) } else { (to + 1, to + 9) };
                    let (above, below) = (y - 4, y + 4);
                    let lines = wrapped(text);
                    // A text that is wider than its arrow begins or ends at the middle of the drawing.
                    let half = lines.iter().map(|it| letters(it)).max().unwrap_or(0) * LETTER / 2;
                    let middle = usize::midpoint(from, to).clamp(half, width - half);
                    for (index, line) in lines.iter().enumerate() {
                        let up = (lines.len() - 1 - index) * LINE;
                        svg.text("message", middle, y - 7 - up, line);
                    }
                    svg.path(
                        "arrow",
                        format_args!("M{from} {y}H{tip}M{back} {above}L{tip} {y}L{back} {below}"),
                    );
                }
                Row::Note { actor, text } => {
                    let lines = wrapped(text);
                    let letters = lines.iter().map(|line| letters(line)).max().unwrap_or(0);
                    let wide = letters * LETTER + 20;
                    // Around its line, as far as it stays within the drawing.
                    let left = x(*actor).saturating_sub(wide / 2).clamp(1, width - wide - 1);
                    let high = 8 + LINE * lines.len();
                    let top = y + 6 - high;
                    svg.line(format_args!(
                        r#"<rect x="{left}" y="{top}" width="{wide}" height="{high}" rx="4" fill="var(--quote-bg, #f4f4f0)" stroke="currentColor"/>"#
                    ));
                    for (index, line) in lines.iter().enumerate() {
                        svg.text("note", left + wide / 2, top + LINE * (index + 1) + 1, line);
                    }
                }
                Row::More => svg.text("more", width / 2, y - 4, "⋮"),
            }
        }
        svg.line("</svg>");
        svg.0
    }

    /// Between two lifelines. The longest text fits between the first and the last.
    fn gap(&self) -> usize {
        let texts = self.rows.iter().flat_map(|row| match row {
            Row::Message { text, .. } | Row::Note { text, .. } => wrapped(text),
            Row::More => Vec::new(),
        });
        let widest = texts.map(|text| letters(text) * LETTER + 24).max().unwrap_or(0);
        let gaps = self.actors.len() - 1;
        (widest / gaps).max(if gaps == 1 { 200 } else { 110 })
    }

    fn margin(&self) -> usize {
        let names = self.actors.iter().map(|name| letters(name) * LETTER / 2 + 8);
        names.max().unwrap_or(0).max(40)
    }
}

impl Row {
    fn height(&self) -> usize {
        match self {
            Self::Message { text, .. } | Self::Note { text, .. } => {
                ROW + LINE * (wrapped(text).len() - 1)
            }
            Self::More => ROW,
        }
    }
}

/// Lines that fit into a drawing which is as wide as a phone.
fn wrapped(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while letters(rest) > WIDEST {
        let end = rest
            .match_indices(' ')
            .map(|(at, _)| at)
            .take_while(|at| letters(&rest[..*at]) <= WIDEST)
            .last();
        match end {
            Some(end) => {
                lines.push(&rest[..end]);
                rest = &rest[end + 1..];
            }
            // A long word, such as a checksum.
            None => {
                let end = rest.char_indices().map(|(at, _)| at);
                let end = end.take_while(|at| letters(&rest[..*at]) <= WIDEST).last();
                let (line, left) = rest.split_at(end.unwrap_or(rest.len()));
                lines.push(line);
                rest = left;
            }
        }
    }
    lines.push(rest);
    lines
}

struct Svg(String);

impl Svg {
    fn line(&mut self, element: impl Display) {
        writeln!(self.0, "{element}").expect("a string takes everything");
    }

    fn text(&mut self, class: &str, x: usize, y: usize, text: &str) {
        let text = escaped(text);
        self.line(format_args!(
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="middle">{text}</text>"#
        ));
    }

    fn path(&mut self, class: &str, path: impl Display) {
        self.line(format_args!(
            r#"<path class="{class}" d="{path}" fill="none" stroke="currentColor"/>"#
        ));
    }
}

/// The width of a text, in letters; Chinese ones take two.
fn letters(text: &str) -> usize {
    text.chars().map(|it| if it >= '\u{1100}' && it.is_alphabetic() { 2 } else { 1 }).sum()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
